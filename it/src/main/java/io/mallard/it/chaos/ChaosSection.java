package io.mallard.it.chaos;

import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A chaos run as a section of the results file, one per server version that runs began with.
 *
 * <p>Threading: stateless.
 */
final class ChaosSection {
    private ChaosSection() {}

    /** One that is meant to break, being strict, does not take the place of one that is meant to pass. */
    static void write(Path file, ChaosResult result, Environment environment, boolean atLeastOnce, boolean strict) {
        String suffix = (atLeastOnce ? " at least once" : "") + (strict ? " strict" : "");
        ResultsFile.write(
                file,
                "chaos " + environment.serverGeneration() + suffix,
                markdown(
                        result,
                        environment,
                        (atLeastOnce ? ", publishing at least once" : "") + (strict ? ", judged strictly" : "")));
    }

    private static String markdown(ChaosResult result, Environment environment, String how) {
        return String.join(
                "\n\n",
                "## Chaos: " + result.struck().size() + " faults, nats-server " + versions(result) + how + ": "
                        + (result.isPassed() ? "passed" : "broken"),
                "```\n" + result.verdictLine() + "\n```",
                broken(result.broken()),
                environment.markdown(),
                ChaosTables.byKind(result).markdown(),
                ChaosTables.NOTE,
                "<details><summary>Every fault</summary>",
                ChaosTables.everyFault(result).markdown(),
                "</details>");
    }

    static String versions(ChaosResult result) {
        return result.firstVersion().equals(result.lastVersion())
                ? result.firstVersion()
                : result.firstVersion() + " → " + result.lastVersion();
    }

    static String broken(List<String> sentences) {
        return sentences.isEmpty()
                ? "Every promise held."
                : sentences.stream().map(sentence -> "- " + sentence).collect(Collectors.joining("\n"));
    }
}
