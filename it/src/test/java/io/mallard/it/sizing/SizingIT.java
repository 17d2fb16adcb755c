package io.mallard.it.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class SizingIT {
    @TempDir
    private Path directory;

    @Test
    void measuresWhatStandbysCostAndWritesItDown() {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = Main.commandLine().execute("sizing", "--smoke", "--results=" + results);

        assertThat(exitCode).isZero();
        assertThat(results)
                .content()
                .contains("20 idle clients")
                .contains("A standby sent 1 PINGs in 6 s.")
                .contains(
                        "| standbys=0 | 1.00 |",
                        "| standbys=1 | 2.00 |",
                        "| standbys=2 | 3.00 |",
                        "| one standby | 1.00 |");
    }
}
