package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The nats-server of a container image, taken out of it into the cache by the Docker engine of the machine: it runs like any other,
 * as a process of this machine. No container is ever started.
 *
 * <p>Threading: immutable; one at a time takes a server out, under the lock of the cache. The engine is asked by a thread that is
 * left alone when the time is over, because nothing else bounds how long an engine that hangs takes.
 */
record ContainerImage(ServerCache cache, String image, ContainerEngine.Search search, Duration searchTimeout)
        implements ServerSource {
    /** The image, with a tag if always that one is wanted; empty means the official one. */
    static final String PROPERTY = "nats.server.image";

    private static final String OFFICIAL = "nats";
    private static final Duration SEARCH_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TAKE_TIMEOUT = Duration.ofMinutes(4);

    static ContainerImage ofMachine(ServerCache cache) {
        String named = System.getProperty(PROPERTY, "");
        return new ContainerImage(
                cache, named.isEmpty() ? OFFICIAL : named, ContainerEngine::ofMachine, SEARCH_TIMEOUT);
    }

    @Override
    public Finding look(RequestedVersion requested) {
        String name = nameFor(requested);
        try (ContainerEngine engine = within(searchTimeout, "the search for a Docker engine", search::find)) {
            // Somebody else may have taken it while we waited for the lock.
            return cache.locked(
                    () -> cache.look(requested) instanceof Found found ? found : take(engine, name, requested));
        } catch (NatsServerException | UncheckedIOException e) {
            return new Missing("image " + name + ": " + e.getMessage());
        }
    }

    /** The tag of the version asked for, unless the image has one already. */
    String nameFor(RequestedVersion requested) {
        boolean isTagged = image.indexOf(':', image.lastIndexOf('/') + 1) >= 0 || image.contains("@");
        if (isTagged) {
            return image;
        }
        boolean isLatest = requested.equals(RequestedVersion.ANY) || requested.equals(RequestedVersion.NEWEST);
        return image + ":" + (isLatest ? "latest" : requested.text());
    }

    private Finding take(ContainerEngine engine, String name, RequestedVersion requested) {
        System.err.println(
                "nats-server: taking the one of image " + name + " out of a container, once, into " + cache.root());
        try {
            Path work = cache.createWorkDirectory();
            try {
                Path executable = work.resolve(NatsServerBinary.NAME);
                within(TAKE_TIMEOUT, "the Docker engine", () -> {
                    engine.copy(name, NatsServerBinary.NAME, executable);
                    return executable;
                });
                NatsServerBinary binary = cache.add(executable, ServerVersion.of(executable), "image " + name);
                return requested.accepts(binary.version())
                        ? new Found(binary)
                        : new Missing("image " + name + ": has " + binary.version());
            } finally {
                Directories.deleteIfExists(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T within(Duration limit, String what, Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        Thread thread = new Thread(task, "mallard-container-engine");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new NatsServerException(what + " did not end within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            String message = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
            throw new NatsServerException(message.lines().findFirst().orElse(cause.toString()), cause);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for " + what, e);
        }
    }
}
