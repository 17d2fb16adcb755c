package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The servers fetched before, one directory per version: {@code <root>/<version>/nats-server}.
 *
 * <p>Threading: immutable. Entries appear whole, by one rename; whoever adds one holds {@link #locked the lock} against other
 * threads and processes.
 */
record ServerCache(Path root) implements ServerSource {
    static ServerCache ofUser() {
        return new ServerCache(CacheDirectory.ofUser(NatsServerBinary.NAME).root());
    }

    /** The newest fitting one. */
    @Override
    public Finding look(RequestedVersion requested) {
        List<NatsServerBinary> entries = entries();
        return entries.stream()
                .filter(entry -> requested.accepts(entry.version()))
                .max(Comparator.comparing(NatsServerBinary::version))
                .<Finding>map(Found::new)
                .orElseGet(() -> new Missing("cache " + root + ": has "
                        + entries.stream()
                                .map(NatsServerBinary::version)
                                .sorted()
                                .toList()));
    }

    /** As {@link CacheDirectory#createWorkDirectory}. */
    Path createWorkDirectory() throws IOException {
        return new CacheDirectory(root).createWorkDirectory();
    }

    /** Moves an executable, which must lie on the file system of the cache, to its place. */
    NatsServerBinary add(Path executable, ServerVersion version, String origin) throws IOException {
        Path directory = Files.createDirectories(root.resolve(version.text()));
        Path place = directory.resolve(NatsServerBinary.NAME);
        Files.move(executable, place, StandardCopyOption.ATOMIC_MOVE);
        return new NatsServerBinary(place, version, origin);
    }

    /** As {@link CacheDirectory#locked}. */
    <T> T locked(Supplier<T> action) {
        return new CacheDirectory(root).locked(action);
    }

    private List<NatsServerBinary> entries() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .filter(directory -> Files.isExecutable(directory.resolve(NatsServerBinary.NAME)))
                    .map(directory -> new NatsServerBinary(
                            directory.resolve(NatsServerBinary.NAME),
                            new ServerVersion(root.relativize(directory).toString()),
                            "cache"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
