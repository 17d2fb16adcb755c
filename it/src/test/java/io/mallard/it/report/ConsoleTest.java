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

class ConsoleTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void writesOverItsLineWhereSomebodyIsLooking() {
        Console console = new Console(out, true);

        console.onPhase("waiting for a standby that takes its time");
        console.onPhase("drain");

        assertThat(printed()).startsWith("\rwaiting").contains("\rdrain").doesNotContain("\n");
        String[] lines = printed().split("\r", -1);
        assertThat(lines[2]).hasSameSizeAs(lines[1]);
    }

    @Test
    void writesPlainLinesElsewhereAndFewOfThem() {
        Console console = new Console(out, false);

        console.onPhase("warm-up");
        for (int i = 0; i < 5; i++) {
            console.onSnapshot(new Snapshot(i, 0, 1.5, 2.5, 5, 0, 6, 1));
        }
        console.onPhase("drain");

        assertThat(printed().lines()).hasSize(2);
        assertThat(printed())
                .doesNotContain("\r")
                .contains("drain")
                .contains("requests 4 ok 0 failed, now 1.5 ms, worst 2.5 ms | published 5, lost 0 | sent 6, lost 1");
    }

    @Test
    void endsWithTheVerdict() {
        RunResult result = new SampleRun().lost(3).result();
        Verdict verdict = Verdict.of(result);

        new Console(out, false).printResult(result, verdict, Path.of("report.html"));

        assertThat(printed().lines())
                .endsWith("broken: 3 accepted publishes did not reach every receiver", verdict.line())
                .contains("worst request of the warm-up, not judged: 85.2 ms")
                .anySatisfy(line -> assertThat(line).contains("n1 → n2"));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
