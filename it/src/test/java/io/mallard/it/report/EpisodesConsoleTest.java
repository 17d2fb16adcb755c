package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.RunObserver.Snapshot;
import io.mallard.it.run.SampleRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EpisodesConsoleTest {
    private static final Snapshot SNAPSHOT = new Snapshot(3.5, 4, 0, 1.5, 2.5, 5, 0, 6, 0);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void printsARowPerEpisodeBelowOneHeaderAndNothingElseWhereNobodyIsLooking() {
        EpisodesConsole console = console(false);

        console.onPhase("warm-up");
        console.onEpisode(1, new SampleRun().flawedEpisode(0));
        console.onSnapshot(SNAPSHOT);
        console.onEpisode(2, new SampleRun().flawedEpisode(1));

        assertThat(printed().lines()).hasSize(3);
        assertThat(printed().lines().toList().get(0)).contains("episode").contains("received");
        assertThat(printed().lines().toList().get(1)).contains("n1 → n2");
        assertThat(printed().lines().toList().get(2)).contains("n2 → n1");
    }

    @Test
    void putsTheRowWhereTheProgressLineWas() {
        EpisodesConsole console = console(true);
        console.onPhase("n1 settle");

        console.onEpisode(2, new SampleRun().flawedEpisode(0));

        assertThat(printed()).contains("n1 settle").containsPattern("\r\033\\[K +2 +n1 → n2.*\n$");
    }

    private EpisodesConsole console(boolean live) {
        return new EpisodesConsole(new Console(out, live));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
