package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a client's connections. Every method does nothing unless overridden.
 *
 * <p>Threading: called one at a time, in order, on an executor thread, never on the event loop; a slow listener delays
 * later events and nothing else. What it throws is logged.
 */
public interface ClientListener {
    /**
     * The client has its first connection.
     *
     * @param url the server
     */
    default void onConnected(String url) {}

    /**
     * The connection that carried the traffic is lost.
     *
     * @param url the server that was lost
     * @param cause why, as far as it is known
     * @param publishesInDoubt publishes handed to the socket of which nobody knows whether they arrived. An upper bound:
     *     everything since the last PING but one that the server answered, and while there are publishes it is sent a
     *     PING every 50 ms. So it is what was published in the last 100 ms and a round trip; and if the server fell
     *     silent, all that was written since. Those that are sent again are not among them
     */
    default void onDisconnected(String url, @Nullable Throwable cause, long publishesInDoubt) {}

    /**
     * Traffic flows again after {@link #onDisconnected}.
     *
     * @param url the server it flows through
     */
    default void onReconnected(String url) {}

    /**
     * The server that carries the traffic is about to leave; {@link #onHandover} follows when there is another one.
     * The C++ client called this {@code LameDuckModeCb}.
     *
     * @param url the leaving server
     */
    default void onLameDuckMode(String url) {}

    /**
     * New traffic has moved from a leaving server to another one.
     *
     * @param fromUrl the leaving server
     * @param toUrl the server that took over
     */
    default void onHandover(String fromUrl, String toUrl) {}

    /**
     * Nothing of the client is left on a server it has moved away from, for whatever reason.
     *
     * @param report what was moved, and what could not be kept
     */
    default void onHandoverComplete(HandoverReport report) {}

    /**
     * A subscription's handler is too slow, and messages are thrown away. Told once, until it has caught up.
     *
     * @param subscription the slow one
     */
    default void onSlowConsumer(Subscription subscription) {}

    /**
     * The server does not let this client subscribe there. The subscription stays, without messages: another server may
     * permit it. Told once for each connection; {@link #onError} unless overridden.
     *
     * @param subscription the one that is denied
     * @param error NOT_PERMITTED, with the server and its words
     */
    default void onSubscriptionDenied(Subscription subscription, NatsException error) {
        onError(error);
    }

    /**
     * The server does not let this client publish there: that message, or request, is lost. {@link #onError} unless
     * overridden.
     *
     * @param subject where to; or the reply subject, if it is that which is denied
     * @param error NOT_PERMITTED, with the server and its words
     */
    default void onPublishDenied(String subject, NatsException error) {
        onError(error);
    }

    /**
     * Something failed that no caller can be told of: an {@code -ERR} of the server, an exception of a handler.
     *
     * @param error what failed
     */
    default void onError(Throwable error) {}

    /** The client is closed and will not come back. */
    default void onClosed() {}
}
