package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What CI runs is what a developer can run. */
class MatrixTest {
    private static final Path SCRIPT = Path.of("..", ".ci", "matrix");
    private static final Path WORKFLOW = Path.of("..", ".github", "workflows", "ci.yml");
    private static final Pattern NOT_AN_ENTRY = Pattern.compile("[\\s,\"]+");

    @Test
    void ciRunsTheLinesOfTheScript() throws IOException {
        requireSameLines(Files.readString(SCRIPT), Files.readString(WORKFLOW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"jdk: [17, 25] | jdk: [17]", "'\"2.9\", ' | ''", "jdk: [17, 25] | jdk: [17, 21]"})
    void theComparisonSeesALineMissingOrAnother(String from, String to) throws IOException {
        String doctored = Files.readString(WORKFLOW).replace(from, to);
        assertThat(doctored).isNotEqualTo(Files.readString(WORKFLOW));

        assertThatThrownBy(() -> requireSameLines(Files.readString(SCRIPT), doctored))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void ciRunsEveryScript() throws IOException {
        String workflow = Files.readString(WORKFLOW);
        try (var scripts = Files.list(SCRIPT.getParent())) {
            assertThat(scripts).isNotEmpty().allSatisfy(script -> {
                assertThat(script).isExecutable();
                assertThat(workflow).contains("- run: .ci/" + script.getFileName());
            });
        }
    }

    private static void requireSameLines(String script, String workflow) {
        assertThat(entries(workflow, "jdk: \\[(.*)]"))
                .as("JDKs")
                .isNotEmpty()
                .isEqualTo(entries(script, "jdks=\\((.*)\\)"));
        assertThat(entries(workflow, "server: \\[(.*)]"))
                .as("generations of servers")
                .isNotEmpty()
                .isEqualTo(entries(script, "servers=\\((.*)\\)"));
        assertThat(workflow).contains("- run: .ci/matrix --only=${{ matrix.jdk }}/${{ matrix.server }}");
    }

    private static List<String> entries(String text, String list) {
        Matcher matcher = Pattern.compile("(?m)^\\s*" + list + "$").matcher(text);
        assertThat(matcher.find()).as(list).isTrue();
        return NOT_AN_ENTRY
                .splitAsStream(matcher.group(1))
                .filter(entry -> !entry.isEmpty())
                .toList();
    }
}
