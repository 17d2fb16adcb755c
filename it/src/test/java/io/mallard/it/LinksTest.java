package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever follows a link from one document of the repository to another, or to a heading of it, arrives. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    /** What stands in there is neither a link nor a heading. */
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");

    private static final Pattern CODE = Pattern.compile("`[^`\n]+`");
    /** What a heading loses on its way into an address, but for its blanks. */
    private static final Pattern NOT_IN_ANCHOR = Pattern.compile("[^\\p{L}\\p{N}_ -]");

    @TempDir
    private Path directory;

    @Test
    void everyLinkArrives() throws IOException {
        List<Path> documents = Documents.all();

        Map<Path, List<String>> broken = new TreeMap<>();
        for (Path document : documents) {
            broken.put(Documents.ROOT.relativize(document), broken(document));
        }
        broken.values().removeIf(List::isEmpty);
        assertThat(documents).hasSizeGreaterThan(20);
        assertThat(broken).isEmpty();
    }

    @Test
    void theReadmeLeadsToEveryChapter() throws IOException {
        assertThat(links(Documents.README).stream()
                        .map(link -> Documents.ROOT.resolve(link.split("#", 2)[0]))
                        .toList())
                .containsAll(Documents.forUsers().stream()
                        .filter(document -> !document.equals(Documents.README))
                        .toList());
    }

    @Test
    void seesWhatDoesNotArrive() throws IOException {
        Path other = Files.writeString(directory.resolve("OTHER.md"), """
                # A `heading`, *and* what is in it
                ## Twice
                ## Twice
                ```
                # no heading
                ```
                """);
        Path document = Files.writeString(directory.resolve("ONE.md"), """
                # Here
                [a](OTHER.md), [b](OTHER.md#a-heading-and-what-is-in-it), [c](#here), ![d](OTHER.md#twice-1), [e](https://e.org/#e)
                ```
                [in code](NOWHERE.md)
                ```
                [one](NOWHERE.md), [two](OTHER.md#no-heading), [three](#there), `[no](link)`, [four](OTHER.md#twice-2)
                """);

        assertThat(broken(other)).isEmpty();
        assertThat(broken(document)).containsExactly("NOWHERE.md", "OTHER.md#no-heading", "#there", "OTHER.md#twice-2");
    }

    private static List<String> broken(Path document) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String link : links(document)) {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
            if (!Files.exists(target) || (parts.length == 2 && !anchors(target).contains(parts[1]))) {
                broken.add(link);
            }
        }
        return broken;
    }

    private static List<String> links(Path document) throws IOException {
        return LINK.matcher(CODE.matcher(withoutCode(document)).replaceAll(""))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !ELSEWHERE.matcher(link).matches())
                .toList();
    }

    /** As GitHub names them: the second of the same name has a number behind it. */
    private static Set<String> anchors(Path document) throws IOException {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Matcher heading = HEADING.matcher(withoutCode(document)); heading.find(); ) {
            String name = NOT_IN_ANCHOR
                    .matcher(heading.group(1).toLowerCase(Locale.ROOT))
                    .replaceAll("")
                    .replace(' ', '-');
            int before = seen.merge(name, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? name : name + "-" + before);
        }
        return anchors;
    }

    private static String withoutCode(Path document) throws IOException {
        return FENCED.matcher(Files.readString(document)).replaceAll("");
    }
}
