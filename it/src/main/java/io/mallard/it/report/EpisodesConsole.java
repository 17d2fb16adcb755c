package io.mallard.it.report;

import io.mallard.it.run.Episode;
import io.mallard.it.run.RunObserver;

/**
 * Tells a long run of episodes: a row as soon as one is over, and the progress line below it where somebody is looking.
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
    public void onProgress(double done) {
        console.onProgress(done);
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
}
