package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class ZeroDowntimeIT {
    @TempDir
    private Path directory;

    @Test
    void noticesNothingOfLameDucksWithAHotSwap() {
        int exitCode = execute("--hot-swap-enabled", "--episodes=2");

        assertThat(results())
                .content()
                .contains("verdict: episodes=2 ")
                .contains("| 1 | n1 → n2 |")
                .contains("| 2 | n2 → n3 |")
                .contains(": passed");
        assertThat(exitCode).isZero();
    }

    @Test
    void failsWithoutAHotSwap() {
        int exitCode = execute("--no-hot-swap-enabled", "--episodes=1");

        assertThat(results())
                .content()
                .contains("verdict: episodes=1 ")
                .contains("the client had not left n1 when that began to evict its clients")
                .contains(": broken");
        assertThat(exitCode).isEqualTo(1);
    }

    private int execute(String hotSwap, String episodes) {
        Path report = directory.resolve("report.html");
        return Main.commandLine()
                .execute("zero-downtime", hotSwap, episodes, "--report=" + report, "--results=" + results());
    }

    private Path results() {
        return directory.resolve("RESULTS.md");
    }
}
