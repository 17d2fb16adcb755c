package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.RunObserver.Snapshot;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void writesOverItsLineWhereSomebodyIsLooking() {
        Console console = new Console(out, true);

        console.onPhase("waiting for a standby that takes its time");
        console.onPhase("drain");

        assertThat(printed()).doesNotContain("\n");
        assertThat(printed().split("\r", -1)[2]).startsWith("\033[K").contains("drain");
    }

    @Test
    void doesNotLetTheTerminalBreakItsLine() {
        Console console = new Console(out, true);

        console.onPhase("drain");

        assertThat(printed()).containsPattern("\033\\[\\?7l.*drain.*\033\\[\\?7h$");
    }

    @Test
    void writesPlainLinesElsewhereAndFewOfThem() {
        Console console = new Console(out, false);

        console.onPhase("warm-up");
        for (int i = 0; i < 5; i++) {
            console.onSnapshot(new Snapshot(i, i, 0, 1.5, 2.5, 5, 0, 6, 1));
        }
        console.onPhase("drain");

        assertThat(printed().lines()).hasSize(2);
        assertThat(printed())
                .doesNotContain("\r")
                .contains("drain")
                .contains("requests 4 ok 0 failed, now 1.5 ms, worst 2.5 ms | published 5, lost 0 | sent 6, lost 1");
    }

    @Test
    void showsHowMuchIsDoneInABarWhereSomebodyIsLooking() {
        Console console = new Console(out, true);

        console.onProgress(0.42);
        console.onPhase("calm");

        assertThat(printed()).contains("[########------------]  42 %  calm");
    }

    @Test
    void showsHowMuchIsDoneInANumberElsewhere() {
        Console console = new Console(out, false);

        console.onProgress(1);
        console.onPhase("drain");

        assertThat(printed()).startsWith("100 %  drain").doesNotContain("#");
    }

    @Test
    void endsWithTheVerdict() {
        Verdict verdict = Verdict.of(new SampleRun().lost(3).result());

        new Console(out, false).printVerdict(verdict);

        assertThat(printed().lines())
                .containsExactly("broken: 3 accepted publishes did not reach every receiver", verdict.line());
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
