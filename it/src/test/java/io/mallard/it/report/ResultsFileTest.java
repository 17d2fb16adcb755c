package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsFileTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameAFileThatIsNotThere() {
        file = directory.resolve("deep").resolve("RESULTS.md");
    }

    @Test
    void beginsAFileThatSaysWhoWritesIt() throws IOException {
        ResultsFile.write(file, "episodes 2.10", "new");

        assertThat(Files.readString(file))
                .startsWith("# Results\n")
                .endsWith("\n\n<!-- begin episodes 2.10 -->\n\nnew\n\n<!-- end episodes 2.10 -->\n");
    }

    @Test
    void replacesItsOwnSectionInItsPlaceAndNothingElse() throws IOException {
        ResultsFile.write(file, "episodes 2.1", "first");
        ResultsFile.write(file, "episodes 2.10", "second");
        ResultsFile.write(file, "settle 2.10", "third");
        String before = Files.readString(file);

        ResultsFile.write(file, "episodes 2.10", "again");

        assertThat(Files.readString(file)).isEqualTo(before.replace("second", "again"));
    }

    @Test
    void leavesWordsBetweenSectionsAlone() throws IOException {
        ResultsFile.write(file, "a", "one");
        Files.writeString(file, Files.readString(file) + "\nBy hand.\n");

        ResultsFile.write(file, "b", "two");
        ResultsFile.write(file, "a", "three");

        assertThat(Files.readString(file))
                .containsSubsequence("begin a", "three", "end a", "By hand.", "begin b", "two", "end b")
                .doesNotContain("one");
    }

    @Test
    void touchesNothingWhenTheEndOfItsSectionIsMissing() throws IOException {
        ResultsFile.write(file, "a", "one");
        String broken = Files.readString(file).replace("<!-- end a -->", "");
        Files.writeString(file, broken);

        assertThatThrownBy(() -> ResultsFile.write(file, "a", "two")).hasMessageContaining("'<!-- end a -->'");

        assertThat(Files.readString(file)).isEqualTo(broken);
    }
}
