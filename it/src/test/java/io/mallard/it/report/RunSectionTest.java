package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSectionTest {
    @TempDir
    private Path directory;

    @Test
    void saysWhatWasRunAndWhatCameOfEveryEpisode() {
        RunResult result = new SampleRun().result();

        assertThat(markdown(result, "2.10.27"))
                .contains("## 2 episodes in a row, nats-server 2.10: passed")
                .contains(Verdict.of(result).line())
                .contains("Nothing failed")
                .contains("- nats-server: 2.10.27\n- date: 2026-01-02\n- JDK: ")
                .contains("- command: episodes --count=2")
                .contains("\n\na block of its own\n\nanother one\n\n<details>")
                .contains("| 1 | n1 → n2 | 11 | 20 | 900 | 0 | 12.3 | 4500 | 0 | 0 | 0 | 0 | 5400 | 0 | 0 | 0 |")
                .contains("| 2 | n2 → n1 | 11 | 20 | 950 | 0 | 2.0 | 4750 | 0 | 0 | 0 | 0 | 5700 | 0 | 0 | 0 |");
    }

    @Test
    void saysWhatBroke() {
        assertThat(markdown(new SampleRun().receivesLost(3).lost(4).result(), "2.10.27"))
                .contains("nats-server 2.10: broken")
                .contains("- 4 accepted publishes did not reach every receiver")
                .contains("- 3 messages did not reach the client's handler")
                .doesNotContain("Nothing failed");
    }

    @Test
    void keepsTheGenerationsApart() throws IOException {
        Path file = directory.resolve("RESULTS.md");
        write(file, "2.9.10");
        write(file, "2.10.27");
        write(file, "2.10.29");

        assertThat(Files.readString(file))
                .contains("nats-server: 2.9.10", "nats-server: 2.10.29")
                .doesNotContain("2.10.27");
    }

    @Test
    void keepsTheCommandsApart() throws IOException {
        Path file = directory.resolve("RESULTS.md");
        RunResult result = new SampleRun().result();
        section("stress").write(file, Outcome.of(result, environment("2.10.27")));
        section("zero-downtime").write(file, Outcome.of(result, environment("2.10.27")));

        assertThat(Files.readString(file)).contains("<!-- begin stress 2.10 -->", "<!-- begin zero-downtime 2.10 -->");
    }

    private static void write(Path file, String version) {
        section("episodes").write(file, Outcome.of(new SampleRun().result(), environment(version)));
    }

    private static String markdown(RunResult result, String version) {
        return section("episodes").markdown(Outcome.of(result, environment(version)));
    }

    private static RunSection section(String command) {
        return new RunSection(command, "2 episodes in a row", List.of("a block of its own", "another one"));
    }

    private static Environment environment(String version) {
        return new Environment(version, LocalDate.of(2026, 1, 2), "episodes --count=2");
    }
}
