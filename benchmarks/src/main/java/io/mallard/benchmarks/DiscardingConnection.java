package io.mallard.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.ConnectionOptions;
import io.mallard.internal.connection.ConnectionOwner;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.MessageView;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A connection that is ready at once, and whose transport takes everything and does nothing with it: what is left is the client.
 *
 * <p>Threading: stateless.
 */
final class DiscardingConnection {
    private static final byte[] HANDSHAKE = "INFO {}\r\nPONG\r\n".getBytes(US_ASCII);

    private DiscardingConnection() {}

    /** {@code loop} is not started. */
    static ServerConnection open(EventLoop loop) throws IOException {
        ServerConnection connection = ServerConnection.open(
                loop,
                new ServerAddress("nowhere", 4222),
                events -> new Discard(),
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                Long.MAX_VALUE,
                new Owner());
        connection.onConnected();
        connection.onReadable();
        return connection;
    }

    private static final class Discard implements Transport {
        @Override
        public int read(ByteBuffer target) {
            target.put(HANDSHAKE);
            return target.position();
        }

        @Override
        public boolean write(ByteBuffer source) {
            source.position(source.limit());
            return true;
        }

        /** The loop would pause while a burst gathers, and that is not the caller's work: it writes when there is enough. */
        @Override
        public void requestWrite() {}

        @Override
        public void events(Events newOwner) {}

        @Override
        public void close() {}
    }

    private static final class Owner implements Dialer.Caller, ConnectionOwner {
        @Override
        public void onReady(ServerConnection connection) {
            connection.owner(this);
        }

        @Override
        public void onFailed(Throwable cause, boolean connected) {
            throw new IllegalStateException("a connection to nowhere failed", cause);
        }

        @Override
        public void onInfo(ServerConnection connection) {}

        @Override
        public void onLameDuck(ServerConnection connection) {}

        @Override
        public void onMessage(ServerConnection connection, MessageView message) {}

        @Override
        public void onServerError(ServerConnection connection, String text) {}

        @Override
        public void onClosed(ServerConnection connection, Throwable cause) {}
    }
}
