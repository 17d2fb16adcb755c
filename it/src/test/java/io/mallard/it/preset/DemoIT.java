package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class DemoIT {
    private static final Pattern MARKER = Pattern.compile("class=\"lame-duck\"");
    private static final Pattern BROKEN = Pattern.compile("<li>(.*?)</li>");

    @TempDir
    private Path directory;

    @Test
    void losesNothingWhileEveryServerOfTheClusterGoesLame() throws Exception {
        Path report = directory.resolve("report.html");

        int exitCode = Main.commandLine().execute("demo", "--report=" + report);

        // First what was broken, in words: an exit code alone says nothing of a run that cannot be repeated.
        assertThat(found(BROKEN, report)).isEmpty();
        assertThat(exitCode).isZero();
        assertThat(report)
                .content()
                .contains("verdict: episodes=3")
                .contains(" failed=0 executed-twice=0 ")
                .contains(" refused=0 lost=0 duplicated=0 reordered=0 ")
                .contains(" received-lost=0 received-duplicated=0 received-reordered=0 ");
        assertThat(found(MARKER, report)).hasSize(3);
    }

    private static List<String> found(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
