package io.mallard.it.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Markdown file of results in which every program owns the sections it names, and leaves everything else as it is.
 *
 * <p>Threading: one program at a time writes a file.
 */
public final class ResultsFile {
    private static final String PREAMBLE = """
            # Results

            Every section is written by the program whose command it names, and replaced when that runs again. Nothing between
            its markers is typed by hand.
            """;

    private ResultsFile() {}

    /** Where the results of this module go, whether the program is started beside the module or in it. */
    public static Path defaultPath() {
        return defaultPath("it");
    }

    /** The same of another module. */
    public static Path defaultPath(String module) {
        return besideModule(module, Path.of("RESULTS.md"));
    }

    /** A path of this module, seen from here. */
    public static Path besideModule(Path path) {
        return besideModule("it", path);
    }

    private static Path besideModule(String module, Path path) {
        return Files.exists(Path.of(module, "pom.xml")) ? Path.of(module).resolve(path) : path;
    }

    /** Writes the section of this name in the place it had, or at the end if it is new. */
    public static void write(Path file, String name, String markdown) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            String before = Files.exists(file) ? Files.readString(file) : PREAMBLE;
            Files.writeString(file, replaced(before, name, markdown));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the results " + file, e);
        }
    }

    static String replaced(String file, String name, String markdown) {
        String begin = "<!-- begin " + name + " -->\n";
        String end = "<!-- end " + name + " -->\n";
        String section = begin + "\n" + markdown.strip() + "\n\n" + end;
        int from = file.indexOf(begin);
        if (from < 0) {
            return file.stripTrailing() + "\n\n" + section;
        }
        int to = file.indexOf(end, from);
        if (to < 0) {
            throw new IllegalStateException("the section '" + name + "' has no line '" + end.strip() + "'");
        }
        return file.substring(0, from) + section + file.substring(to + end.length());
    }
}
