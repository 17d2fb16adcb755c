package io.mallard.internal.connection;

import io.mallard.internal.server.ServerAddress;

/** Makes connections: the seam between whoever wants one and the network. */
public interface Dialer {
    /**
     * Who wants the connection. One of the two methods is called, on the event loop and not before the attempt has
     * begun, unless the attempt is given up.
     */
    interface Caller {
        /** The connection is validated; the caller closes it or gives it its {@link ServerConnection#owner owner}. */
        void onReady(ServerConnection connection);

        /** {@code connected}: the server was reached, and has refused the connection or not answered. */
        void onFailed(Throwable cause, boolean connected);
    }

    /** One attempt under way. */
    interface Attempt {
        /** Acts on what is due; returns the nanoseconds until it wants to be called again. */
        long onTick(long nowNs);

        /** Gives up; the caller is not told. */
        void cancel();
    }

    /** Begins an attempt at one server that ends, one way or the other, by the deadline. */
    Attempt dial(ServerAddress address, long deadlineNs, Caller caller);
}
