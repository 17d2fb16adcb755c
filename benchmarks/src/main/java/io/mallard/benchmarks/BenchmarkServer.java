package io.mallard.benchmarks;

import io.mallard.it.support.NatsServer;
import org.jspecify.annotations.Nullable;

/**
 * The server of one fork: the one that whoever compares has started for all its forks, otherwise one of its own.
 *
 * <p>Threading: immutable.
 */
public final class BenchmarkServer implements AutoCloseable {
    /** The system property that names it. */
    public static final String URL_PROPERTY = "mallard.benchmarks.url";

    private final @Nullable NatsServer own;
    private final String url;

    private BenchmarkServer(@Nullable NatsServer own, String url) {
        this.own = own;
        this.url = url;
    }

    static BenchmarkServer open() {
        String given = System.getProperty(URL_PROPERTY);
        if (given != null) {
            return new BenchmarkServer(null, given);
        }
        NatsServer server = NatsServer.startDefault();
        return new BenchmarkServer(server, server.url());
    }

    String url() {
        return url;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
