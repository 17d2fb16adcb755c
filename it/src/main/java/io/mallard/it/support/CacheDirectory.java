package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A directory of the user's cache for what is fetched once: one tool's, in however many versions.
 *
 * <p>Threading: immutable. Whoever changes it holds {@link #locked the lock} against other threads and processes.
 */
record CacheDirectory(Path root) {
    /** As long as somebody else may need to fetch something. */
    private static final Duration LOCK_TIMEOUT = Duration.ofMinutes(10);

    // A file lock is held by the process, so threads of this one need a lock of their own around it.
    private static final ReentrantLock LOCK = new ReentrantLock();

    static CacheDirectory ofUser(String tool) {
        String base = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), "");
        Path caches = base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        return new CacheDirectory(caches.resolve("mallard").resolve(tool));
    }

    /** An empty directory on its file system, for whoever holds the lock. */
    Path createWorkDirectory() throws IOException {
        Path work = root.resolve(".download");
        // What a killed process left: we hold the lock, so nobody else is at it.
        Directories.deleteIfExists(work);
        return Files.createDirectory(work);
    }

    /** Runs the action while no other thread or process changes the directory. */
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
}
