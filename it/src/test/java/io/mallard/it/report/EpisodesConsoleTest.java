package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.RunObserver.Snapshot;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EpisodesConsoleTest {
    private static final Snapshot SNAPSHOT = new Snapshot(4, 0, 1.5, 2.5, 5, 0, 6, 0);

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

        assertThat(printed()).startsWith("\rn1 settle").containsPattern("\r +\r +2 +n1 → n2.*\n$");
    }

    @Test
    void endsWithTheVerdictAndRepeatsTheRowsThatBroke() {
        RunResult broken = new SampleRun().stayedOn("n2").result();
        Verdict verdict = Verdict.of(broken);

        console(false).printResult(broken, verdict, Path.of("RESULTS.md"));

        assertThat(printed().lines())
                .endsWith("broken: the client had not left n2 when that began to evict its clients", verdict.line())
                .contains("results: RESULTS.md")
                .anySatisfy(line -> assertThat(line).contains("n2 → n1"))
                .noneSatisfy(line -> assertThat(line).contains("n1 → n2"))
                .anySatisfy(line -> assertThat(line).startsWith("request, p99, ms added"));
    }

    private EpisodesConsole console(boolean live) {
        return new EpisodesConsole(new Console(out, live));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
