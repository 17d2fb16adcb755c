package io.mallard.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The documents of the repository: there is no other list of them. */
public final class Documents {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final Path README = ROOT.resolve("README.md");
    /** Where the chapters of the README are. */
    static final Path CHAPTERS = ROOT.resolve("core/src/main/docs");

    private static final Set<String> NOT_OURS = Set.of(".git", "target");

    private Documents() {}

    /** The README and, by their names, its chapters. */
    public static List<Path> forUsers() throws IOException {
        try (Stream<Path> chapters = Files.list(CHAPTERS)) {
            return Stream.concat(
                            Stream.of(README),
                            chapters.filter(Documents::isMarkdown).sorted())
                    .toList();
        }
    }

    /** Everything that is written in Markdown. */
    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(Documents::isMarkdown)
                    .filter(file -> Stream.iterate(file, Path::getParent)
                            .takeWhile(path -> !path.equals(ROOT))
                            .noneMatch(
                                    path -> NOT_OURS.contains(path.getFileName().toString())))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isMarkdown(Path file) {
        return file.toString().endsWith(".md");
    }
}
