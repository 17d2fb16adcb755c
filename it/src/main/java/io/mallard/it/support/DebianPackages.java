package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * The nats-server packages of the Debian suites, fetched into the cache as {@link DebianPackage} does it.
 *
 * <p>Threading: immutable; one download at a time, under the lock of the cache.
 */
record DebianPackages(ServerCache cache) implements ServerSource {
    @Override
    public Finding look(RequestedVersion requested) {
        DebianSuite suite = DebianSuite.of(requested);
        try {
            // Somebody else may have fetched it while we waited for the lock.
            return cache.locked(() -> cache.look(requested) instanceof Found found ? found : fetch(suite, requested));
        } catch (NatsServerException | UncheckedIOException e) {
            return new Missing("Debian " + suite + ": " + e.getMessage());
        }
    }

    private Finding fetch(DebianSuite suite, RequestedVersion requested) {
        try {
            System.err.println(
                    "nats-server: fetching the one of Debian " + suite + ", about 15 MB, once, into " + cache.root());
            Path work = cache.createWorkDirectory();
            try {
                Path executable = DebianPackage.unpack(work, suite, NatsServerBinary.NAME)
                        .resolve("usr/sbin")
                        .resolve(NatsServerBinary.NAME);
                NatsServerBinary binary = cache.add(executable, ServerVersion.of(executable), "Debian " + suite);
                return requested.accepts(binary.version())
                        ? new Found(binary)
                        : new Missing("Debian " + suite + ": has " + binary.version());
            } finally {
                Directories.deleteIfExists(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
