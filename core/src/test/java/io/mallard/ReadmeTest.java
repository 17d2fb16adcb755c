package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users read, in the README and its chapters, is what the code does. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Path CHAPTERS = Path.of("src", "main", "docs");
    /** One, or from one to another, where the table begins a row with it. */
    private static final Pattern REQUIREMENTS = Pattern.compile(
            "(?<=^\\| |, |; )S(\\d+)(?:–S(\\d+))?(?=[^|\n]*\\|[^|\n]*\\|[^|\n]*\\|$)", Pattern.MULTILINE);

    private static final Pattern TEST_NAME = Pattern.compile("\\b[A-Z]\\w+(?:Test|IT)\\b");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\|");

    @Test
    void namesEveryOptionWithItsDefault() throws IOException {
        Map<String, String> written = new LinkedHashMap<>();
        for (Matcher row = ROW.matcher(Files.readString(CHAPTERS.resolve("OPTIONS.md"))); row.find(); ) {
            written.put(row.group(1), row.group(2));
        }

        Map<String, String> said = TextOption.say(NatsOptions.builder().build());
        Map<String, String> inCode = new LinkedHashMap<>();
        for (TextOption<?> option : TextOption.ALL) {
            String text = said.getOrDefault(option.name(), "");
            inCode.put(option.name(), text.isEmpty() ? "none" : text);
        }
        inCode.put("seed", "random");
        assertThat(written).containsExactlyEntriesOf(inCode);
    }

    @Test
    void saysOfEveryRequirementWhereItIs() throws IOException {
        Set<Integer> said = new TreeSet<>();
        Matcher range = REQUIREMENTS.matcher(Files.readString(CHAPTERS.resolve("NUMBER-BY-NUMBER.md")));
        while (range.find()) {
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            IntStream.rangeClosed(first, last).forEach(said::add);
        }

        assertThat(said)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 110).boxed().toList());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesTestsThatThereAre(Path document) throws IOException {
        Set<String> named = TEST_NAME
                .matcher(Files.readString(document))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(tests()).containsAll(named);
    }

    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path directory : List.of(ROOT, CHAPTERS, Path.of("src", "main", "ops"))) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        return documents;
    }

    private static Set<String> tests() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : List.of("protocol", "core", "it", "benchmarks")) {
            try (Stream<Path> files =
                    Files.walk(ROOT.resolve(module).resolve("src").resolve("test"))) {
                files.map(file -> file.getFileName().toString().replace(".java", ""))
                        .forEach(names::add);
            }
        }
        return names;
    }
}
