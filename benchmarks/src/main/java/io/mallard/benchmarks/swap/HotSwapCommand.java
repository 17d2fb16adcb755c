package io.mallard.benchmarks.swap;

import io.mallard.HandoverReport;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures what requests feel of a swap.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "hot-swap",
        showDefaultValues = true,
        description = {
            "Asks at a fixed rate while servers go lame under the client, and shows the latencies before, during and after.",
            "Exit code: 0 if every request was answered; 1 if not; 2 for a wrong option."
        })
public final class HotSwapCommand implements Callable<Integer> {
    private static final List<String> HEADER = List.of("requests, ms", "answered", "p50", "p95", "p99", "max");
    private static final double[] PERCENTILES = {50, 95, 99, 100};

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--requests", paramLabel = "N", description = "so many in all, 100 to 1000000")
    private int requests = 10_000;

    @Option(names = "--concurrent", paramLabel = "N", description = "so many at a time at most, 1 to 1000")
    private int concurrent = 50;

    @Option(names = "--rps", paramLabel = "N", description = "so many are meant to start in a second, 1 to 100000")
    private int perSecond = 1_000;

    @Option(names = "--swaps", paramLabel = "N", description = "so many servers go lame, 1 to 5")
    private int swaps = 1;

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "version prefix, such as 2.10; any if not given")
    private String serverVersion = "";

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section of this server generation goes; nowhere if not given")
    private @Nullable Path results;

    @Override
    public Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        check(command, "requests", requests, 100, 1_000_000);
        check(command, "concurrent", concurrent, 1, 1_000);
        check(command, "rps", perSecond, 1, 100_000);
        check(command, "swaps", swaps, 1, 5);
        PrintWriter out = command.commandLine().getOut();
        SwapRun.Result result = new SwapRun(requests, concurrent, perSecond, swaps, serverVersion, line -> {
                    out.println(line);
                    out.flush();
                })
                .play();
        Latencies latencies = result.latencies();
        out.println();
        out.println(table(latencies).text());
        long answered = Stream.of(Phase.values()).mapToLong(latencies::answered).sum();
        out.printf(
                Locale.ROOT,
                "%nnats-server %s, %d requests, %d not answered, %d of %d handovers without loss%n",
                result.serverVersion(),
                requests,
                requests - answered,
                result.handovers().stream()
                        .filter(HandoverReport::isWithoutLoss)
                        .count(),
                result.handovers().size());
        if (results != null) {
            List<String> words =
                    command.commandLine().getParent().getParseResult().originalArgs();
            write(results, result, Environment.now(result.serverVersion(), words));
        }
        out.flush();
        return answered == requests ? 0 : 1;
    }

    private static void write(Path file, SwapRun.Result result, Environment environment) {
        String handovers =
                result.handovers().stream().map(handover -> "- " + handover).collect(Collectors.joining("\n"));
        ResultsFile.write(
                file,
                "hot-swap " + environment.serverGeneration(),
                String.join(
                        "\n\n",
                        "## Requests while a server leaves, nats-server " + environment.serverGeneration(),
                        environment.markdown(),
                        table(result.latencies()).markdown(),
                        handovers));
    }

    /** The last row is what a swap adds to the percentiles of the requests that began in it. */
    static Table table(Latencies latencies) {
        List<List<String>> rows = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            rows.add(row(
                    phase.toString(),
                    String.valueOf(latencies.answered(phase)),
                    DoubleStream.of(PERCENTILES).map(percentile -> latencies.ms(phase, percentile))));
        }
        rows.add(row(
                "added in the first 50 ms",
                "",
                DoubleStream.of(PERCENTILES)
                        .map(percentile ->
                                latencies.ms(Phase.AT_FIRST, percentile) - latencies.ms(Phase.BEFORE, percentile))));
        return new Table(HEADER, rows);
    }

    private static List<String> row(String name, String answered, DoubleStream values) {
        List<String> row = new ArrayList<>(List.of(name, answered));
        values.forEach(value -> row.add(String.format(Locale.ROOT, "%.2f", value)));
        return row;
    }

    private static void check(CommandSpec command, String name, int value, int from, int to) {
        if (value < from || value > to) {
            throw new ParameterException(
                    command.commandLine(), "--" + name + "=" + value + ", must be " + from + " to " + to);
        }
    }
}
