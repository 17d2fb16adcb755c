package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.subscribe.ActiveSubscription;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Ends one subscription without dropping what is on its way to its handler.
 *
 * <pre>
 *   AWAITING_TURN   two servers have the subscription: a handover makes one stream of theirs first
 *         | UNSUB, PING
 *   UNSUBSCRIBING   the server may still deliver
 *         | PONG, or the connection is lost: the next one is not told of the subscription
 *     HANDLING      the handler deals with what has arrived
 *         |
 *       ENDED       or when the time is up, at any point
 * </pre>
 *
 * <p>Threading: owned by the event loop.
 */
final class Drain extends Ping {
    /** What a drain needs from the client. */
    interface Client {
        /** Whether a handover has the subscriptions on two servers, or is about to. */
        boolean isOverlapping();

        /** Tells the server to send no more and asks for a PONG behind that; false if there is no server to tell. */
        boolean unsubscribe(ActiveSubscription subscription, Ping behind);

        /** Nothing arrives for the subscription any more; what has arrived goes to its handler. */
        void complete(ActiveSubscription subscription);

        /** Ends the subscription at once. */
        void abandon(ActiveSubscription subscription);
    }

    private enum State {
        AWAITING_TURN,
        UNSUBSCRIBING,
        HANDLING,
        ENDED
    }

    /** Handlers end on threads of their own: how often they are looked at. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ActiveSubscription subscription;
    private final Client client;
    private final long timeoutNs;
    private final long deadlineNs;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final Executor executor;

    private State state = State.AWAITING_TURN;
    private boolean answered;

    /** {@code executor} completes the future. */
    Drain(ActiveSubscription subscription, Client client, Executor executor, long timeoutNs, long nowNs) {
        this.executor = executor;
        this.subscription = subscription;
        this.client = client;
        this.timeoutNs = timeoutNs;
        this.deadlineNs = nowNs + timeoutNs;
    }

    /** Completes when all is handled, exceptionally when there was no time for that. */
    CompletableFuture<Void> drained() {
        return drained;
    }

    boolean isOver() {
        return state == State.ENDED;
    }

    @Override
    public void onPong() {
        answered = true;
    }

    @Override
    public void onLost() {
        answered = true;
    }

    /** Advances as far as it can go now; returns the nanoseconds until it wants to run again. */
    long step(long nowNs) {
        if (state == State.AWAITING_TURN && !client.isOverlapping()) {
            subscription.beginDrain();
            state = State.UNSUBSCRIBING;
            answered = !client.unsubscribe(subscription, this);
        }
        if (state == State.UNSUBSCRIBING && answered) {
            client.complete(subscription);
            state = State.HANDLING;
        }
        if (state == State.HANDLING && subscription.isHandled()) {
            long dropped = subscription.droppedAtEnd();
            if (dropped == 0) {
                state = State.ENDED;
                executor.execute(() -> drained.complete(null));
            } else {
                fail(new NatsException(
                        NatsStatus.INVALID_SUBSCRIPTION,
                        subscription + " was ended while it was drained: " + dropped
                                + " messages that have arrived were not handled and are dropped"));
            }
        }
        if (state != State.ENDED && deadlineNs - nowNs <= 0) {
            long unhandled = subscription.pendingMessages();
            client.abandon(subscription);
            fail(new NatsException(
                    NatsStatus.TIMEOUT,
                    subscription + " was not drained within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms: "
                            + unhandled + " messages that have arrived were not handled and are dropped"));
        }
        return state == State.ENDED ? Long.MAX_VALUE : Math.min(LOOK_NS, deadlineNs - nowNs);
    }

    /** The client is closed, and with it the subscription. */
    void onClientClosed() {
        fail(new NatsException(NatsStatus.CONNECTION_CLOSED, "the client was closed while it drained " + subscription));
    }

    private void fail(NatsException why) {
        state = State.ENDED;
        executor.execute(() -> drained.completeExceptionally(why));
    }
}
