package io.mallard.it.report;

import io.mallard.it.run.Episode;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells a long run: a row as soon as an episode is over, the progress line below it where somebody is looking, and at the end the rows
 * in which something broke, what a swap costs, and the verdict.
 *
 * <p>Threading: as {@link Console}.
 */
public final class EpisodesConsole implements RunObserver {
    private final Console console;

    public EpisodesConsole(Console console) {
        this.console = console;
    }

    @Override
    public void onPhase(String phase) {
        if (console.isLive()) {
            console.onPhase(phase);
        }
    }

    @Override
    public void onSnapshot(Snapshot snapshot) {
        if (console.isLive()) {
            console.onSnapshot(snapshot);
        }
    }

    @Override
    public void onEpisode(int number, Episode.Judged judged) {
        if (number == 1) {
            console.print(EpisodeTable.line(EpisodeTable.HEADER));
        }
        console.print(EpisodeTable.line(EpisodeTable.row(number, judged)));
    }

    /** The verdict is the last line, for scripts. */
    public void printResult(RunResult result, Verdict verdict, Path results) {
        printBroken(result.episodes());
        console.print(SwapCostTable.of(result.swapCost()).text());
        console.print("results: " + results);
        console.printVerdict(verdict);
    }

    private void printBroken(List<Episode.Judged> episodes) {
        if (episodes.stream().allMatch(Episode.Judged::isFlawless)) {
            return;
        }
        console.print("broken:");
        console.print(EpisodeTable.line(EpisodeTable.HEADER));
        for (int i = 0; i < episodes.size(); i++) {
            if (!episodes.get(i).isFlawless()) {
                console.print(EpisodeTable.line(EpisodeTable.row(i + 1, episodes.get(i))));
            }
        }
    }
}
