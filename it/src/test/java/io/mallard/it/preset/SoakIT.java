package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class SoakIT {
    @TempDir
    private Path directory;

    @Test
    void watchesTheProcessUnderALameDuck() {
        Path report = directory.resolve("report.html");
        Path results = directory.resolve("RESULTS.md");

        int exitCode = Main.commandLine()
                .execute(
                        "soak",
                        "--duration=11s",
                        "--episode-every=5s",
                        "--seed=1",
                        "--report=" + report,
                        "--results=" + results);

        assertThat(results)
                .content()
                .contains("## Soak: 11 s at 1000 requests per second, 1 lame ducks, nats-server ")
                .containsPattern("verdict: episodes=1 .* lost=0 .* process=not-judged")
                .contains("| 1 | n1 → n2 |")
                .contains("The run was too short to say whether its process grows.");
        assertThat(report)
                .content()
                .contains("<h2>The process</h2>")
                .containsPattern("\"LIVE_HEAP\":\\[[0-9.]+,")
                .containsPattern("\"CLIENT_THREADS\":\\[[0-9.]+,");
        assertThat(exitCode).isZero();
    }
}
