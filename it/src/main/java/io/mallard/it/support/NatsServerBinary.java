package io.mallard.it.support;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A nats-server executable and its version, found in the first of these places that has a fitting one: an explicit path, the
 * {@code PATH}, the user's cache, a container image, the Debian suites.
 *
 * <p>Threading: immutable; finding is safe from any number of threads and processes at once.
 *
 * @param origin which of the places it was found in
 */
public record NatsServerBinary(Path executable, ServerVersion version, String origin) {
    /** The version wanted when a caller asks for none; empty means unset. */
    public static final String VERSION_PROPERTY = "nats.server.version";

    static final String NAME = "nats-server";

    /** The server of the version that {@value #VERSION_PROPERTY} names, of any version when it is unset. */
    public static NatsServerBinary find() {
        return find(System.getProperty(VERSION_PROPERTY, ""));
    }

    /** The server of the given version: a prefix of whole components such as {@code 2.10}, {@code newest}, or {@code ""} for any. */
    public static NatsServerBinary find(String version) {
        ServerCache cache = ServerCache.ofUser();
        return find(
                new RequestedVersion(version),
                List.of(
                        new ExplicitPath(
                                System.getProperty(ExplicitPath.PROPERTY), System.getenv(ExplicitPath.VARIABLE)),
                        new SearchPath(Objects.requireNonNullElse(System.getenv("PATH"), "")),
                        cache,
                        ContainerImage.ofMachine(cache),
                        new DebianPackages(cache)));
    }

    static NatsServerBinary find(RequestedVersion requested, List<ServerSource> sources) {
        StringBuilder tried = new StringBuilder();
        for (ServerSource source : sources) {
            ServerSource.Finding finding = source.look(requested);
            if (finding instanceof ServerSource.Found found) {
                return found.binary();
            }
            tried.append("\n  - ").append(((ServerSource.Missing) finding).why());
        }
        throw new NatsServerException(
                """
                no nats-server %s found:%s
                Provide one: -D%s=<file> or %s=<file>, a nats-server on the PATH, \
                one at <cache>/<version>/nats-server, a Docker engine that has or reaches the image (-D%s=<image>), \
                or a machine whose apt-get reaches a Debian mirror.""".formatted(requested, tried, ExplicitPath.PROPERTY, ExplicitPath.VARIABLE, ContainerImage.PROPERTY));
    }

    /** The executable if its version fits. */
    static ServerSource.Finding at(Path executable, RequestedVersion requested, String origin) {
        ServerVersion version = ServerVersion.of(executable);
        // "newest" is the newest of the Debian suites: a file that lies about may be newer or older.
        return requested.accepts(version) && !requested.equals(RequestedVersion.NEWEST)
                ? new ServerSource.Found(new NatsServerBinary(executable, version, origin))
                : new ServerSource.Missing(executable + ": passed over, it is " + version);
    }
}
