package io.mallard.internal.route;

import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;

/** Routes to connections there are not. */
public final class Routes {
    private Routes() {}

    /** To a connection whose socket takes nothing. */
    public static Route stalled(OutboundBuffer outbound, long maxPayload) {
        return new Route(Route.Kind.CONNECTED, outbound, null, true, maxPayload, () -> false, null);
    }

    /** To a server that knows no headers, otherwise as {@link #stalled}. */
    public static Route withoutHeaders(OutboundBuffer outbound, long maxPayload) {
        return new Route(Route.Kind.CONNECTED, outbound, null, false, maxPayload, () -> false, null);
    }

    /** To a connection that is written to like this. */
    public static Route to(OutboundBuffer outbound, SocketWriter writer, long maxPayload) {
        return new Route(Route.Kind.CONNECTED, outbound, writer, true, maxPayload, () -> false, null);
    }
}
