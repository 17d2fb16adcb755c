package io.mallard.benchmarks.parts;

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

/** Every part for a moment: what is measured then means nothing. */
class PartsIT {
    @TempDir
    Path directory;

    @Test
    void measuresEveryPartAndWritesASection() throws IOException {
        Path results = directory.resolve("RESULTS.md");
        StringWriter out = new StringWriter();
        CommandLine main = Main.commandLine();
        main.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));

        assertThat(main.execute("parts", "--smoke", "--results=" + results))
                .as(out.toString())
                .isZero();

        assertThat(Files.readString(results))
                .contains("<!-- begin parts -->")
                .contains("| ParseMessage.")
                .contains("| RequestBufferMemory.ask, bytesPerRequest |")
                .contains("| PublishThreads.");
    }
}
