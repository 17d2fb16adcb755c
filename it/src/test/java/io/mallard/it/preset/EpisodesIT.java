package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class EpisodesIT {
    @TempDir
    private Path directory;

    @Test
    void writesWhatCameOfTheEpisodesAndOfTheirSwaps() {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = Main.commandLine().execute("episodes", "--count=2", "--results=" + results);

        assertThat(results)
                .content()
                .contains("verdict: episodes=2 ")
                .contains("| 1 | n1 → n2 |")
                .contains("| 2 | n2 → n3 |")
                .contains("| latch to route store, as the client says, µs | 2 |")
                .contains("| request, p99, ms added |")
                .contains("| publish to delivery, p99, ms added |")
                .contains("| sent to received, p99, ms added |")
                .contains("## 2 episodes in a row, nats-server ")
                .contains(": passed");
        assertThat(exitCode).isZero();
    }
}
