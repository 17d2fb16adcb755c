package io.mallard.it.client;

import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.TcpProxy;
import java.time.Duration;

/**
 * A real server that is all a client knows, and that can die and come back. The client's way to it stays shut until the
 * test opens it, so that others can be there first.
 *
 * <p>Threading: controlled by one thread.
 */
final class SoleServer implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    final NatsServer server;
    private final TcpProxy way;

    SoleServer() {
        this(NatsServerConfig.builder().build());
    }

    SoleServer(NatsServerConfig config) {
        server = NatsServer.start(config);
        way = TcpProxy.start(server.port());
    }

    /** For the client. */
    String url() {
        return way.url();
    }

    void die() {
        way.shut();
        server.kill();
        server.awaitExit(TIMEOUT);
    }

    /** It runs again, and the client cannot get there yet. */
    void comeBack() {
        server.restart();
    }

    /** Nobody gets there by this way until it is opened. */
    void shutWay() {
        way.shut();
    }

    void openWay() {
        way.open();
    }

    @Override
    public void close() {
        way.close();
        server.close();
    }
}
