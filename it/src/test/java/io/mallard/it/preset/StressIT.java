package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class StressIT {
    @TempDir
    private Path directory;

    @Test
    void measuresEveryTargetUnderALameDuck() {
        Path report = directory.resolve("report.html");
        Path results = directory.resolve("RESULTS.md");

        int exitCode = Main.commandLine()
                .execute("stress", "--duration=20s", "--seed=1", "--report=" + report, "--results=" + results);

        assertThat(results)
                .content()
                .contains("verdict: episodes=1 ")
                .contains("| 1 | n1 → n2 |")
                .contains("| request | lame duck |")
                // How fast it is depends on the machine; that it was measured does not.
                .containsPattern("\\| S91 \\| adoption of a standby \\| < 2 ms \\| [0-9.]+ ms \\(1 lame duck,")
                .containsPattern(
                        "\\| S93 \\| request success in lame duck \\| > 99.5 % \\| 100.00 % \\([0-9,]+ of .*\\| yes \\|")
                .contains("| S94 | zero downtime | > 99.9 % | 100.00 % (1 of 1 lame ducks; the client says 1) | yes |")
                .containsPattern(
                        "\\| S95 \\| standby while a server is replaced \\| > 95 % \\| [0-9.]+ % \\([0-9]+ of [0-9]+ moments, ")
                .containsPattern(
                        "\\| S97 \\| end to end in lame duck \\| < 5 ms \\| [0-9.]+ ms \\([0-9,]+ requests\\) \\|")
                .contains("| S98 | zero loss | 0 | 0 (requests 0, publishes 0, messages 0) | yes |")
                .contains("| S99 | thread safety | 0 | 0 (all threads of the run) | yes |");
        assertThat(report).content().contains("class=\"lame-duck\"").contains("<h2>Targets</h2>");
        assertThat(exitCode).isZero();
    }

    @Test
    void measuresTheMakingOfAConnectionAndTheBufferMeanwhile() {
        Path results = directory.resolve("RESULTS.md");

        // Without a standby the grace of two seconds may be too short on a busy machine: what is lost then is what
        // counts.
        Main.commandLine()
                .execute(
                        "stress",
                        "--duration=20s",
                        "--seed=1",
                        "--standbys=0",
                        "--report=" + directory.resolve("report.html"),
                        "--results=" + results);

        assertThat(results)
                .content()
                .contains("verdict: episodes=1 ")
                .containsPattern("\\| S91 \\| creation on demand \\| < 5 ms \\| [0-9.]+ ms \\(1 creation\\)")
                .containsPattern("\\| S96 \\| fallback \\| < 5 % \\| [0-9.]+ % \\([1-9][0-9]* of ")
                .containsPattern("\\| S97 \\| buffer processing \\| < 50 ms \\| [0-9.]+ ms \\([1-9][0-9]* requests?\\)")
                .contains("| S98 | zero loss | 0 | 0 (requests 0, publishes 0, messages 0) | yes |");
    }
}
