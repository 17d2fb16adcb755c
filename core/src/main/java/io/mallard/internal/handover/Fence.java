package io.mallard.internal.handover;

import io.mallard.internal.connection.ServerConnection;

/**
 * A message published on one connection to an inbox that another one holds. What a server tells its routes goes in
 * order: when the message arrives, the other server knows all the first one had been told before. The time it took is
 * how far apart the two are.
 *
 * <p>Threading: owned by the event loop.
 */
public final class Fence {
    private enum State {
        UNDER_WAY,
        ARRIVED,
        /** It will not: permissions do not let the client publish to its own inbox, or the destination is gone. */
        GIVEN_UP
    }

    /** What {@link #tookNs} says as long as, or because, the message has not arrived. */
    static final long UNKNOWN_NS = -1;

    private final ServerConnection destination;
    private final ServerConnection origin;
    private final String subject;
    private final long token;
    private final long sentNs;
    private final long deadlineNs;

    private State state = State.UNDER_WAY;
    /** Nothing of the client goes before it, so that its time is that of the way. */
    private boolean measures;

    private long tookNs = UNKNOWN_NS;

    /**
     * The message is yet to be appended to {@code origin}: by {@link #goAhead} or {@link #goLast}.
     *
     * @param subject in the inbox that {@code destination} holds, with the token at its end
     * @param timeoutNs after which it is not waited for any longer
     */
    public Fence(
            ServerConnection origin,
            ServerConnection destination,
            String subject,
            long token,
            long timeoutNs,
            long nowNs) {
        this.origin = origin;
        this.destination = destination;
        this.subject = subject;
        this.token = token;
        this.sentNs = nowNs;
        this.deadlineNs = nowNs + timeoutNs;
    }

    /** Appends it ahead of user data and behind the subscriptions told before; the caller flushes. */
    public Fence goAhead() {
        measures = true;
        origin.outbound().urgentPublish(subject);
        return this;
    }

    /** Appends it behind all user data of a connection that is being left; the caller flushes. */
    public Fence goLast() {
        origin.outbound().lastPublish(subject);
        return this;
    }

    /** Whether that message is the fence, which has arrived. */
    public boolean onInboxMessage(ServerConnection via, long receivedToken, long nowNs) {
        boolean mine = state == State.UNDER_WAY && via == destination && receivedToken == token;
        if (mine) {
            state = State.ARRIVED;
            tookNs = nowNs - sentNs;
        }
        return mine;
    }

    /** Whether this {@code -ERR} is about the fence, and nobody else's business. */
    public boolean onServerError(ServerConnection via, String text) {
        boolean mine = via == origin && text.contains('"' + subject + '"');
        if (mine) {
            giveUp();
        }
        return mine;
    }

    void giveUp() {
        if (state == State.UNDER_WAY) {
            state = State.GIVEN_UP;
        }
    }

    /** Whether it may still arrive. */
    public boolean isAwaited(long nowNs) {
        return state == State.UNDER_WAY && deadlineNs - nowNs > 0;
    }

    boolean isArrived() {
        return state == State.ARRIVED;
    }

    /** Whether it should have arrived by now. */
    boolean isOverdue(long nowNs) {
        return state == State.UNDER_WAY && deadlineNs - nowNs <= 0;
    }

    /** Whether how long it took says how far apart the servers are. */
    boolean measures() {
        return measures;
    }

    long deadlineNs() {
        return deadlineNs;
    }

    /** From publish to arrival, or {@link #UNKNOWN_NS}. */
    public long tookNs() {
        return tookNs;
    }
}
