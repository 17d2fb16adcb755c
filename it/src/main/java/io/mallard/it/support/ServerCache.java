package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The servers fetched before, one directory per version: {@code <root>/<version>/nats-server}.
 *
 * <p>Threading: immutable. Entries appear whole, by one rename; whoever adds one holds {@link #locked the lock} against other
 * threads and processes.
 */
record ServerCache(Path root) implements ServerSource {
    /** As long as somebody else may need to fetch a server. */
    private static final Duration LOCK_TIMEOUT = Duration.ofMinutes(10);

    // A file lock is held by the process, so threads of this one need a lock of their own around it.
    private static final ReentrantLock LOCK = new ReentrantLock();

    static ServerCache ofUser() {
        String base = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), "");
        Path caches = base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        return new ServerCache(caches.resolve("mallard").resolve(NatsServerBinary.NAME));
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

    /** An empty directory on the file system of the cache, for whoever holds the lock. */
    Path createWorkDirectory() throws IOException {
        Path work = root.resolve(".download");
        // What a killed process left: we hold the lock, so nobody else is at it.
        Directories.deleteIfExists(work);
        return Files.createDirectory(work);
    }

    /** Moves an executable, which must lie on the file system of the cache, to its place. */
    NatsServerBinary add(Path executable, ServerVersion version, String origin) throws IOException {
        Path directory = Files.createDirectories(root.resolve(version.text()));
        Path place = directory.resolve(NatsServerBinary.NAME);
        Files.move(executable, place, StandardCopyOption.ATOMIC_MOVE);
        return new NatsServerBinary(place, version, origin);
    }

    /** Runs the action while no other thread or process changes the cache. */
    <T> T locked(Supplier<T> action) {
        LOCK.lock();
        try {
            Files.createDirectories(root);
            try (FileChannel channel =
                    FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                List<FileLock> held = new ArrayList<>(1);
                Await.until("the lock of " + root, LOCK_TIMEOUT, () -> {
                    FileLock lock = channel.tryLock();
                    return lock != null && held.add(lock);
                });
                return action.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            LOCK.unlock();
        }
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
