package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class DemoIT {
    private static final Pattern MARKER = Pattern.compile("class=\"lame-duck\"");

    @TempDir
    private Path directory;

    @Test
    void losesNothingWhileEveryServerOfTheClusterGoesLame() throws Exception {
        Path report = directory.resolve("report.html");

        int exitCode = Main.commandLine().execute("demo", "--report=" + report);

        assertThat(exitCode).isZero();
        assertThat(report)
                .content()
                .contains("verdict: episodes=3")
                .contains(" failed=0 executed-twice=0 ")
                .contains(" refused=0 lost=0 duplicated=0 reordered=0 ")
                .contains(" received-lost=0 received-duplicated=0 received-reordered=0 ");
        assertThat(MARKER.matcher(Files.readString(report)).results()).hasSize(3);
    }
}
