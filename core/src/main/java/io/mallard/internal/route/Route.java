package io.mallard.internal.route;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where traffic goes: the buffer to append to, who writes it out, and what the server behind it takes.
 *
 * <p>Threading: immutable.
 */
public final class Route {
    /** What kind of place this is. */
    public enum Kind {
        /** A connection. */
        CONNECTED,
        /** The reconnect buffer: there is no usable connection now. */
        OFFLINE,
        /** Nowhere: the client is closed. */
        CLOSED
    }

    private final Kind kind;
    private final OutboundBuffer outbound;
    private final @Nullable SocketWriter writer;
    private final long maxPayload;
    private final BooleanSupplier leaving;

    Route(Kind kind, OutboundBuffer outbound, @Nullable SocketWriter writer, long maxPayload, BooleanSupplier leaving) {
        this.kind = kind;
        this.outbound = outbound;
        this.writer = writer;
        this.maxPayload = maxPayload;
        this.leaving = leaving;
    }

    public static Route to(ServerConnection connection) {
        return new Route(
                Kind.CONNECTED,
                connection.outbound(),
                connection.writer(),
                connection.info().maxPayload(),
                connection::isLameDuck);
    }

    /** {@code maxPayload} of the last server, as the best guess for the next one. */
    public static Route offline(OutboundBuffer reconnectBuffer, long maxPayload) {
        return new Route(Kind.OFFLINE, reconnectBuffer, null, maxPayload, () -> false);
    }

    public static Route closed() {
        return new Route(Kind.CLOSED, OutboundBuffer.offline(0), null, 0, () -> false);
    }

    public Kind kind() {
        return kind;
    }

    public OutboundBuffer outbound() {
        return outbound;
    }

    public long maxPayload() {
        return maxPayload;
    }

    /** Whether the server behind it has said that it is about to leave. */
    public boolean isLeaving() {
        return leaving.getAsBoolean();
    }

    /** Sees to it that what was appended is written, if there is a connection. */
    public void flush() {
        if (writer != null) {
            writer.flush();
        }
    }
}
