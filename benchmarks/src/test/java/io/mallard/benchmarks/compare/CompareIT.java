package io.mallard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.benchmarks.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The driver as it is called, for a moment: real forks, a real server, and figures that mean nothing. */
class CompareIT {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();

    @Test
    void measuresEveryClientAndWritesASection() throws IOException {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = run("compare", "--smoke", "--rounds=1", "--only=^publish 128$", "--results=" + results);

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("round 1 of 1, publish 128, mallard: ")
                .contains("round 1 of 1, publish 128, jnats: ")
                .contains("round 1 of 1, publish 128, raw: ");
        assertThat(Files.readString(results))
                .contains("<!-- begin compare 2.")
                .contains("- command: compare --smoke --rounds=1")
                .contains("| mallard ÷ raw, per second |")
                .contains("| publish 128 B, share of raw | ≥ 0.90 |");
    }

    @Test
    void measuresTheSameOverTls() throws IOException {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = run("compare", "--tls", "--smoke", "--rounds=1", "--only=publish 128", "--results=" + results);

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("round 1 of 1, publish 128 over TLS, mallard: ")
                .contains("round 1 of 1, publish 128 over TLS, jnats: ");
        assertThat(Files.readString(results)).contains(" TLS -->").contains("| mallard ÷ jnats, per second |");
    }

    @Test
    void measuresWhatItCostsToPublishAtLeastOnce() throws IOException {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = run(
                "compare", "--at-least-once", "--smoke", "--rounds=1", "--only=publish 128 ", "--results=" + results);

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("round 1 of 1, publish 128 at least once, mallard: ")
                .contains("round 1 of 1, publish 128 at least once, mallard-at-least-once: ");
        assertThat(Files.readString(results))
                .contains(" at least once -->")
                .contains("| mallard-at-least-once ÷ mallard, per second |");
    }

    @Test
    void refusesWhatItCannotMeasure() {
        assertThat(run("compare", "--only=no such question")).isEqualTo(2);
        assertThat(run("compare", "--rounds=0")).isEqualTo(2);
        assertThat(run("compare", "--tls", "--at-least-once")).isEqualTo(2);
    }

    private int run(String... words) {
        CommandLine main = Main.commandLine();
        main.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        return main.execute(words);
    }
}
