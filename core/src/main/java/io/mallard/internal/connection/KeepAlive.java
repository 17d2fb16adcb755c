package io.mallard.internal.connection;

/**
 * When to send the next keep-alive PING, and when to give up on a server that answers none.
 *
 * <p>Only its own PINGs count: any number of flushes may be under way on a healthy connection.
 *
 * <p>Threading: owned by the event loop.
 */
final class KeepAlive {
    private final long intervalNs;
    private final int maxUnanswered;
    private long nextNs;
    private int unanswered;

    KeepAlive(long intervalNs, int maxUnanswered, long nowNs) {
        this.intervalNs = intervalNs;
        this.maxUnanswered = maxUnanswered;
        this.nextNs = nowNs + intervalNs;
    }

    boolean isDue(long nowNs) {
        return nextNs - nowNs <= 0;
    }

    long nsUntilDue(long nowNs) {
        return nextNs - nowNs;
    }

    /** Whether the server has left as many PINGs unanswered as it may; asked when the next one is due. */
    boolean isStale() {
        return unanswered >= maxUnanswered;
    }

    int unanswered() {
        return unanswered;
    }

    void onSent(long nowNs) {
        unanswered++;
        nextNs = nowNs + intervalNs;
    }

    /** A PONG answers every earlier PING, because a server answers in order. */
    void onAnswered() {
        unanswered = 0;
    }
}
