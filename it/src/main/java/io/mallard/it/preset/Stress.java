package io.mallard.it.preset;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import io.mallard.it.report.Console;
import io.mallard.it.report.EpisodeTable;
import io.mallard.it.report.HtmlReport;
import io.mallard.it.report.LatencyTable;
import io.mallard.it.report.Outcome;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.RunSection;
import io.mallard.it.report.SwapCostTable;
import io.mallard.it.report.Table;
import io.mallard.it.report.TargetTable;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Timetable;
import io.mallard.it.targets.Target;
import io.mallard.it.targets.Targets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The stress test: load for a given time, a lame duck now and then, and every target measured.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "stress",
        showDefaultValues = true,
        description = {
            "Puts a client under load for a given time, while every 10 to 15 s its server goes lame and is replaced.",
            "Measures every target; they are reported, and do not decide.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, and the client had left before it was",
            "evicted, each time; 1 if not; 2 for a wrong option."
        })
public final class Stress extends Preset {
    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "300s",
            converter = DurationConverter.class,
            description = "of the load behind its warm-up, such as 300s, 5m or 90 (seconds); 20s to 60m")
    private Duration duration = Duration.ofMinutes(5);

    @Option(names = "--rps", paramLabel = "N", description = "requests per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int requestsPerSecond = RunOptions.DEFAULT_REQUESTS_PER_SECOND;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "that send requests, 1 to " + RunOptions.MAX_REQUESTER_THREADS)
    private int threads = RunOptions.DEFAULT_REQUESTER_THREADS;

    @Option(
            names = "--standbys",
            paramLabel = "N",
            description = {
                "connections the client keeps for its next server, 0 to " + HotSwap.MAX_STANDBYS + ";",
                "0: made when it is needed, requests and publishes wait in buffers until then"
            })
    private int standbys = HotSwap.STANDBY.standbys();

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "stress", "report.html"));

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    @Override
    RunOptions options() {
        return new RunOptions(
                RunOptions.DEFAULT_NODES,
                new Load.Rates(
                        requestsPerSecond,
                        RunOptions.DEFAULT_PUBLISHES_PER_SECOND,
                        RunOptions.DEFAULT_RECEIVES_PER_SECOND),
                threads,
                Timetable.over(duration, new Random(seed)),
                serverVersion,
                seed,
                ClientKind.MALLARD,
                new HotSwap(true, standbys),
                RunOptions.DEFAULT_WARM_UP);
    }

    @Override
    void tell(Outcome outcome, Console console) {
        RunResult result = outcome.result();
        List<Target> targets = Targets.of(result);
        Table targetTable = TargetTable.of(targets);
        Table latencies = LatencyTable.of(result.latencies());
        Table swapCost = SwapCostTable.of(result.swapCost());
        String title = "Stress: " + duration.toSeconds() + " s at " + requestsPerSecond + " requests per second on "
                + threads + " threads, " + result.episodes().size() + " lame ducks" + variant(", ");
        HtmlReport.write(report, outcome, targets);
        new RunSection(
                        "stress" + variant(" "),
                        title,
                        List.of(
                                targetTable.markdown(),
                                latencies.markdown(),
                                LatencyTable.NOTE,
                                swapCost.markdown(),
                                SwapCostTable.NOTE))
                .write(results, outcome);
        EpisodeTable.broken(result).ifPresent(rows -> console.print("broken:\n" + rows.text()));
        console.print(latencies.text());
        console.print("");
        console.print(targetTable.text());
        console.print("");
        console.print("report: " + report);
        console.print("results: " + results);
    }

    /** A run with other than the default number of standbys is another experiment. */
    private String variant(String separator) {
        return switch (standbys) {
            case 0 -> separator + "on demand";
            case 1 -> "";
            default -> separator + standbys + " standbys";
        };
    }
}
