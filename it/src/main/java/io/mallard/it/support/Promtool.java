package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Prometheus' own tool that checks and tests rules, found in the first of these places that has it: an explicit path, the
 * {@code PATH}, the user's cache, the Debian package {@value #PACKAGE}.
 *
 * <p>Threading: immutable; finding is safe from any number of threads and processes at once.
 */
public record Promtool(Path executable) {
    /** Names the file, as a property of the system and of Maven. */
    public static final String PROPERTY = "promtool.path";

    private static final String NAME = "promtool";
    private static final String PACKAGE = "prometheus";
    private static final DebianSuite SUITE = DebianSuite.BOOKWORM;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** Fetches it if it is nowhere. */
    public static Promtool find() {
        String explicit = System.getProperty(PROPERTY, "");
        if (!explicit.isEmpty()) {
            return new Promtool(Path.of(explicit));
        }
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, NAME))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Promtool::new)
                .orElseGet(Promtool::ofCache);
    }

    private static Promtool ofCache() {
        CacheDirectory cache = CacheDirectory.ofUser(NAME);
        Path place = cache.root().resolve(NAME);
        // Somebody else may fetch it while we wait for the lock.
        return cache.locked(() -> Files.isExecutable(place) ? new Promtool(place) : fetch(cache, place));
    }

    private static Promtool fetch(CacheDirectory cache, Path place) {
        System.err.println(
                NAME + ": fetching the one of Debian " + SUITE + ", about 40 MB, once, into " + cache.root());
        try {
            Path work = cache.createWorkDirectory();
            try {
                Path executable = DebianPackage.unpack(work, SUITE, PACKAGE)
                        .resolve("usr/bin")
                        .resolve(NAME);
                Files.move(executable, place, StandardCopyOption.ATOMIC_MOVE);
                return new Promtool(place);
            } finally {
                Directories.deleteIfExists(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it; returns what it printed, and throws if it has found a fault. */
    public String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(executable.toString()));
        command.addAll(List.of(arguments));
        return ExternalProcess.run(TIMEOUT, command);
    }
}
