package io.mallard.benchmarks.swap;

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

class HotSwapIT {
    private final StringWriter out = new StringWriter();

    @TempDir
    Path directory;

    @Test
    void answersEveryRequestWhileAServerLeaves() throws IOException {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = run("hot-swap", "--requests=2000", "--concurrent=10", "--rps=1000", "--results=" + results);

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("added in the first 50 ms")
                .contains("2000 requests, 0 not answered, 1 of 1 handovers without loss");
        assertThat(Files.readString(results))
                .contains("| added in the first 50 ms |")
                .contains("- LAME_DUCK handover from ");
    }

    @Test
    void refusesWhatIsOutOfBounds() {
        assertThat(run("hot-swap", "--swaps=0")).isEqualTo(2);
    }

    private int run(String... words) {
        CommandLine main = Main.commandLine();
        main.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        return main.execute(words);
    }
}
