package io.mallard.it.preset;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import io.mallard.it.report.Console;
import io.mallard.it.report.EpisodeTable;
import io.mallard.it.report.HtmlReport;
import io.mallard.it.report.LatencyPicture;
import io.mallard.it.report.Outcome;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.Timetable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The demo: every server of a real cluster goes lame and comes back, under a client whose requests, publishes and received messages
 * are judged.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "demo",
        showDefaultValues = true,
        description = {
            "Puts every server of a real cluster into lame duck mode, one after the other, under a client with load.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, and all went as planned; 1 if not;",
            "2 for a wrong option."
        })
public final class Demo extends Preset {
    private static final int MAX_ROUNDS = 1000;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "servers in the cluster, " + RunOptions.MIN_NODES + " to " + RunOptions.MAX_NODES)
    private int nodes = RunOptions.DEFAULT_NODES;

    @Option(names = "--rps", paramLabel = "N", description = "requests per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int requestsPerSecond = RunOptions.DEFAULT_REQUESTS_PER_SECOND;

    @Option(names = "--rate", paramLabel = "N", description = "publishes per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int publishesPerSecond = RunOptions.DEFAULT_PUBLISHES_PER_SECOND;

    @Option(
            names = "--receive-rate",
            paramLabel = "N",
            description = "messages sent to the client per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int receivesPerSecond = RunOptions.DEFAULT_RECEIVES_PER_SECOND;

    @Option(names = "--rounds", paramLabel = "N", description = "how often every server goes lame, 1 to " + MAX_ROUNDS)
    private int rounds = 1;

    @Option(names = "--client", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}")
    private ClientKind client = ClientKind.MALLARD;

    @Option(names = "--no-hot-swap", description = "Mallard without its handover")
    private boolean noHotSwap;

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "demo", "report.html"));

    @Option(names = "--picture", paramLabel = "FILE", description = "the latency of its requests as an SVG, if wanted")
    private @Nullable Path picture;

    @Override
    RunOptions options() {
        RunOptions.check("rounds", rounds, 1, MAX_ROUNDS);
        return new RunOptions(
                nodes,
                new Load.Rates(requestsPerSecond, publishesPerSecond, receivesPerSecond),
                RunOptions.DEFAULT_REQUESTER_THREADS,
                Timetable.inARow(nodes * rounds),
                serverVersion,
                seed,
                client,
                noHotSwap ? HotSwap.OFF : HotSwap.STANDBY,
                RunOptions.DEFAULT_WARM_UP);
    }

    @Override
    void tell(Outcome outcome, Console console) {
        HtmlReport.write(report, outcome, List.of());
        console.print(EpisodeTable.of(outcome.result()).text());
        console.print(String.format(
                Locale.ROOT,
                "worst request of the warm-up, not judged: %.1f ms",
                outcome.result().warmUp().worstRequestMs()));
        console.print("report: " + report);
        if (picture != null) {
            LatencyPicture.write(picture, client.toString(), outcome);
            console.print("picture: " + picture);
        }
    }
}
