package io.mallard.it.preset;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import io.mallard.it.report.Console;
import io.mallard.it.report.EpisodeTable;
import io.mallard.it.report.EpisodesConsole;
import io.mallard.it.report.HtmlReport;
import io.mallard.it.report.LatencyTable;
import io.mallard.it.report.Outcome;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.RunSection;
import io.mallard.it.report.Table;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Timetable;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The end-to-end validation: lame ducks roll through a cluster of three, and nobody may notice.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "zero-downtime",
        showDefaultValues = true,
        description = {
            "Replaces the servers of a cluster of three one after the other, under a client with load.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, and the client had left before it was",
            "evicted, each time; 1 if not; 2 for a wrong option."
        })
public final class ZeroDowntime extends Preset {
    @Option(
            names = "--hot-swap-enabled",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "whether Mallard leaves a lame server by itself; if not, this fails")
    private boolean hotSwapEnabled = true;

    @Option(names = "--episodes", paramLabel = "N", description = "lame ducks, 1 to " + RunOptions.MAX_EPISODES)
    private int episodes = 2 * RunOptions.DEFAULT_NODES;

    @Option(names = "--rps", paramLabel = "N", description = "requests per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int requestsPerSecond = RunOptions.DEFAULT_REQUESTS_PER_SECOND;

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "zero-downtime", "report.html"));

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    @Override
    RunOptions options() {
        RunOptions.check("episodes", episodes, 1, RunOptions.MAX_EPISODES);
        return new RunOptions(
                RunOptions.DEFAULT_NODES,
                new Load.Rates(
                        requestsPerSecond,
                        RunOptions.DEFAULT_PUBLISHES_PER_SECOND,
                        RunOptions.DEFAULT_RECEIVES_PER_SECOND),
                RunOptions.DEFAULT_REQUESTER_THREADS,
                Timetable.inARow(episodes),
                serverVersion,
                seed,
                ClientKind.MALLARD,
                hotSwapEnabled ? HotSwap.STANDBY : HotSwap.OFF,
                RunOptions.DEFAULT_WARM_UP);
    }

    @Override
    RunObserver observer(Console console) {
        return new EpisodesConsole(console);
    }

    @Override
    void tell(Outcome outcome, Console console) {
        RunResult result = outcome.result();
        Table latencies = LatencyTable.of(result.latencies());
        // One that is meant to break does not take the place of one that is meant to pass.
        String control = hotSwapEnabled ? "" : " without hot swap";
        String title = "Zero downtime" + control + ": " + result.episodes().size() + " lame ducks through a cluster of "
                + RunOptions.DEFAULT_NODES;
        HtmlReport.write(report, outcome, List.of());
        new RunSection("zero-downtime" + control, title, List.of(latencies.markdown(), LatencyTable.NOTE))
                .write(results, outcome);
        EpisodeTable.broken(result).ifPresent(rows -> console.print("broken:\n" + rows.text()));
        console.print(latencies.text());
        console.print("report: " + report);
        console.print("results: " + results);
    }
}
