package io.mallard.it.preset;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.report.Console;
import io.mallard.it.report.EpisodeTable;
import io.mallard.it.report.EpisodesConsole;
import io.mallard.it.report.Outcome;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.RunSection;
import io.mallard.it.report.SwapCostTable;
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
 * The proof run: as many episodes as wanted on one cluster and one client, at the rates of the demo, written to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "episodes",
        showDefaultValues = true,
        description = {
            "Puts the server of one client under load into lame duck mode again and again, and writes what came of it to a file.",
            "Goes on when something breaks, so that all of it is seen.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, and the client had left before it was",
            "evicted, each time; 1 if not; 2 for a wrong option."
        })
public final class Episodes extends Preset {
    @Option(names = "--count", paramLabel = "N", description = "episodes, 1 to " + RunOptions.MAX_EPISODES)
    private int count = 100;

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    @Override
    RunOptions options() {
        RunOptions.check("count", count, 1, RunOptions.MAX_EPISODES);
        return new RunOptions(
                RunOptions.DEFAULT_NODES,
                RunOptions.DEFAULT_RATES,
                RunOptions.DEFAULT_REQUESTER_THREADS,
                Timetable.inARow(count),
                serverVersion,
                seed,
                ClientKind.MALLARD,
                HotSwap.STANDBY,
                RunOptions.DEFAULT_WARM_UP);
    }

    @Override
    RunObserver observer(Console console) {
        return new EpisodesConsole(console);
    }

    @Override
    void tell(Outcome outcome, Console console) {
        RunResult result = outcome.result();
        Table swapCost = SwapCostTable.of(result.swapCost());
        String title = result.episodes().size() + " episodes in a row";
        new RunSection("episodes", title, List.of(swapCost.markdown(), SwapCostTable.NOTE)).write(results, outcome);
        EpisodeTable.broken(result).ifPresent(rows -> console.print("broken:\n" + rows.text()));
        console.print(swapCost.text());
        console.print("results: " + results);
    }
}
