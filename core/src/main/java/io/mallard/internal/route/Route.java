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
        /** Nowhere any more: what was taken before is still being sent and answered. */
        DRAINING,
        /** Nowhere: the client is closed. */
        CLOSED
    }

    private final Kind kind;
    private final OutboundBuffer outbound;
    private final @Nullable SocketWriter writer;
    private final boolean hasHeaders;
    private final long maxPayload;
    private final BooleanSupplier leaving;
    /** The server that must be the one; null if there may be a successor. */
    private final @Nullable String onlyUrl;

    Route(
            Kind kind,
            OutboundBuffer outbound,
            @Nullable SocketWriter writer,
            boolean hasHeaders,
            long maxPayload,
            BooleanSupplier leaving,
            @Nullable String onlyUrl) {
        this.onlyUrl = onlyUrl;
        this.kind = kind;
        this.outbound = outbound;
        this.writer = writer;
        this.hasHeaders = hasHeaders;
        this.maxPayload = maxPayload;
        this.leaving = leaving;
    }

    public static Route to(ServerConnection connection) {
        return to(connection, null);
    }

    /** No other one comes after this one, and nobody waits for anything on it. */
    public static Route only(ServerConnection connection) {
        return to(connection, connection.url());
    }

    private static Route to(ServerConnection connection, @Nullable String onlyUrl) {
        return new Route(
                Kind.CONNECTED,
                connection.outbound(),
                connection.writer(),
                connection.info().headers(),
                connection.info().maxPayload(),
                connection::isLameDuck,
                onlyUrl);
    }

    /** {@code maxPayload} of the last server, as the best guess for the next one; which is taken to have headers. */
    public static Route offline(OutboundBuffer reconnectBuffer, long maxPayload) {
        return new Route(Kind.OFFLINE, reconnectBuffer, null, true, maxPayload, () -> false, null);
    }

    public static Route draining() {
        return nowhere(Kind.DRAINING);
    }

    public static Route closed() {
        return nowhere(Kind.CLOSED);
    }

    private static Route nowhere(Kind kind) {
        return new Route(kind, OutboundBuffer.nowhere(), null, true, 0, () -> false, null);
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

    /** Whether the server behind it knows what headers are. */
    public boolean hasHeaders() {
        return hasHeaders;
    }

    /** Whether the server behind it takes a message of that size. */
    public boolean takes(int headerBytes, int payloadBytes) {
        return (hasHeaders || headerBytes == 0) && (long) headerBytes + payloadBytes <= maxPayload;
    }

    /** The server behind it, if it is the only one; null if traffic may move to another one. */
    @Nullable
    String onlyUrl() {
        return onlyUrl;
    }

    /** Whether the server behind it has said that it is about to leave. */
    public boolean isLeaving() {
        return leaving.getAsBoolean();
    }

    /** As {@link #flush}, for what may wait a moment while there is much of it. */
    public void flushSoon() {
        if (writer != null) {
            writer.flushSoon();
        }
    }

    /** Sees to it that what was appended is written, if there is a connection. */
    public void flush() {
        if (writer != null) {
            writer.flush();
        }
    }
}
