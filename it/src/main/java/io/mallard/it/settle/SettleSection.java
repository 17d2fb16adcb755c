package io.mallard.it.settle;

import io.mallard.it.judge.Findings;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The measurement as a section of the results file, one per server generation.
 *
 * <p>Threading: stateless.
 */
final class SettleSection {
    private static final List<String> HEADER = List.of(
            "held until",
            "cutovers",
            "reordered",
            "share",
            "at most",
            "messages",
            "overtaken",
            "lost",
            "duplicated",
            "held ms, p50",
            "p99");

    private SettleSection() {}

    static void write(Path file, SettleOptions options, SettleResult result, Environment environment) {
        ResultsFile.write(file, name(environment), markdown(options, result, environment));
    }

    static String name(Environment environment) {
        return "settle " + environment.serverGeneration();
    }

    static Table table(SettleResult result) {
        return new Table(
                HEADER, result.outcomes().stream().map(SettleSection::row).toList());
    }

    static String markdown(SettleOptions options, SettleResult result, Environment environment) {
        return String.join(
                "\n\n",
                "## What a publish settle is good for, nats-server " + environment.serverGeneration(),
                String.format(
                        Locale.ROOT,
                        "A publisher moves from server to server of a cluster of %d, and a receiver on each of them watches the order"
                                + " of its messages. %d such publishers, %,d messages per second together. What becomes due"
                                + " during a cutover is held as the first column says, and then leaves all at once. A cutover is"
                                + " *reordered* if any receiver saw any message from before it *overtaken* by one from behind it."
                                + " *At most*: the upper end of the 95 %% interval of the share.",
                        options.nodes(),
                        SettleRun.PUBLISHERS,
                        SettleRun.MESSAGES_PER_SECOND),
                table(result).markdown(),
                environment.markdown());
    }

    private static List<String> row(RuleOutcome outcome) {
        Findings findings = outcome.findings();
        return List.of(
                outcome.rule().label(),
                String.valueOf(outcome.cutovers()),
                String.valueOf(outcome.disordered()),
                percent(outcome.disorderedShare()),
                percent(outcome.disorderedAtMost()),
                String.valueOf(findings.published()),
                String.valueOf(findings.reordered()),
                String.valueOf(findings.lost()),
                String.valueOf(findings.duplicated()),
                String.format(Locale.ROOT, "%.2f", outcome.heldMs(50)),
                String.format(Locale.ROOT, "%.2f", outcome.heldMs(99)));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
