package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.ConnectionOptions;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ConnectInfo;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A connection and the server at its other end, without a socket and without a loop: what a test lets the server send
 * is processed before {@link #sends} returns.
 */
public final class FakePeer {
    private static final long HANDSHAKE_NS = 1_000;
    private static final EventLoop NEVER_STARTED = neverStarted();

    private final FakeTransport transport = new FakeTransport();
    private final ServerConnection connection;
    private boolean stalled;

    /** A connection that waits for its INFO, on a clock that stands at 0. */
    public FakePeer(ServerAddress address, RecordingOwner owner) {
        this(address, owner, Introduction.of(ConnectInfo.builder().version("0").build()));
    }

    /** … and introduces itself in that way. */
    FakePeer(ServerAddress address, RecordingOwner owner, Introduction introduction) {
        try {
            connection = ServerConnection.open(
                    NEVER_STARTED,
                    address,
                    events -> transport,
                    introduction,
                    ConnectionOptions.DEFAULTS,
                    new TrafficCounters(),
                    HANDSHAKE_NS,
                    owner);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        transport.loop(() -> {
            if (!stalled) {
                connection.onWritable();
            }
        });
    }

    private static EventLoop neverStarted() {
        try {
            return new EventLoop("never-started", failure -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection that has shaken hands with a server of that id. */
    public static FakePeer ready(String serverId, ServerAddress address, RecordingOwner owner) {
        FakePeer peer = new FakePeer(address, owner);
        peer.connection.onConnected();
        peer.sends("INFO {\"server_id\":\"" + serverId + "\"}\r\n");
        peer.sends("PONG\r\n");
        peer.received();
        return peer;
    }

    public ServerConnection connection() {
        return connection;
    }

    public void sends(String bytes) {
        transport.put(bytes);
        connection.onReadable();
    }

    /** The server closes its side. */
    public void closes() {
        transport.end();
        connection.onReadable();
    }

    /** What the server was sent since the last call. */
    public String received() {
        return transport.takeWritten();
    }

    /** From now on the server takes nothing any more. */
    public void stalls() {
        stalled = true;
        transport.room(() -> 0);
    }

    /** From now on the action runs before each write to the socket. */
    public void beforeWrites(Runnable action) {
        transport.room(() -> {
            action.run();
            return Integer.MAX_VALUE;
        });
    }

    /** The server takes everything again. */
    public void resumes() {
        stalled = false;
        transport.room(() -> Integer.MAX_VALUE);
        connection.onWritable();
    }

    public boolean isClosed() {
        return transport.isClosed();
    }

    /** Publishes one byte through the connection, as a caller would. */
    public void publish(String digit) {
        byte[] payload = digit.getBytes(US_ASCII);
        connection.outbound().publish("a", null, null, payload, 0, 1, "PUB a 1\r\n1\r\n".length());
        connection.writer().flush();
    }
}
