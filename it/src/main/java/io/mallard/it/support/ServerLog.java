package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    private volatile int runBegin;

    ServerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void beginRun() {
        runBegin = lines().size();
    }

    List<String> lines() {
        try {
            // Decoding replaces what is not UTF-8, such as the half of a character that has just been written.
            return Files.exists(file)
                    ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean contains(Pattern pattern) {
        return lines().stream()
                .skip(runBegin)
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
