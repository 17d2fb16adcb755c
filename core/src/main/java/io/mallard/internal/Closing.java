package io.mallard.internal;

import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.Ping;

/**
 * The last moments of a client: until the servers have answered that they have processed what they were sent, and
 * replies have come if they are to be waited for, or the time is up.
 *
 * <p>Threading: owned by the event loop.
 */
final class Closing {
    private long deadlineNs;
    // Latch: once false, always false.
    private boolean awaitingReplies;
    /** Answers still to come before everything is known to be processed. */
    private int unprocessed;

    private long inDoubt;

    /** {@code awaitingReplies}: it takes at least as long as requests wait for their replies. */
    Closing(boolean awaitingReplies, long timeoutNs, long nowNs) {
        this.awaitingReplies = awaitingReplies;
        this.deadlineNs = nowNs + timeoutNs;
    }

    /** Requests are not waited for any more, and the servers have that much time left. */
    void hurry(long timeoutNs, long nowNs) {
        awaitingReplies = false;
        deadlineNs = nowNs + timeoutNs;
    }

    boolean isAwaitingReplies() {
        return awaitingReplies;
    }

    /** The end can come when the server answers that it has processed everything in this sealed buffer. */
    void await(OutboundBuffer sealed) {
        unprocessed++;
        sealed.lastPing(new LastPing());
    }

    /** No more answers will come; {@code lost} publishes are in doubt by that. */
    void onCarrierLost(long lost) {
        awaitingReplies = false;
        unprocessed = 0;
        inDoubt += lost;
    }

    boolean isProcessed() {
        return unprocessed == 0;
    }

    boolean isOver(long nowNs) {
        return deadlineNs - nowNs <= 0;
    }

    long nsLeft(long nowNs) {
        return deadlineNs - nowNs;
    }

    long inDoubt() {
        return inDoubt;
    }

    private final class LastPing extends Ping {
        @Override
        public void onPong() {
            unprocessed--;
        }

        @Override
        public void onLost() {
            // Whoever sees the loss of the connection says so: onCarrierLost.
        }
    }
}
