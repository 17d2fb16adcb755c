package io.mallard.it.support;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a server printed in all its runs; the file grows over restarts.
 *
 * <p>Threading: thread-safe; {@link #beginRun} is called by whoever starts the server.
 */
final class ServerLog {
    private static final int TAIL_LINES = 30;

    private final Path file;
    // Written by whoever starts the server.
    private volatile long runBegin;

    ServerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void beginRun() {
        runBegin = file.toFile().length();
    }

    List<String> lines() {
        return linesFrom(0);
    }

    /** Not by a channel: that would keep native memory as large as the file, which grows, for every thread that reads it. */
    private List<String> linesFrom(long offset) {
        try (InputStream in = new FileInputStream(file.toFile())) {
            in.skipNBytes(offset);
            // Decoding replaces what is not UTF-8, such as the half of a character that has just been written.
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (FileNotFoundException e) {
            return List.of(); // Nothing was printed yet.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean contains(Pattern pattern) {
        return linesFrom(runBegin).stream()
                .anyMatch(line -> pattern.matcher(line).find());
    }

    void await(String regex, Duration timeout) {
        Pattern pattern = Pattern.compile(regex);
        Await.until("a log line with " + regex, timeout, () -> contains(pattern), this::tail);
    }

    /** The last lines, for an error message. */
    String tail() {
        List<String> lines = lines();
        return "\n--- end of " + file + " ---\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
}
