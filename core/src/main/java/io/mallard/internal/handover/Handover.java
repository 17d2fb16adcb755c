package io.mallard.internal.handover;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Leaves one lame-duck connection, make before break: new traffic moves first, subscriptions are held on both sides
 * for a while, and the old connection is closed when its server has answered that everything is processed.
 *
 * <pre>
 *   AWAITING_STANDBY   A serves; nothing can take over yet
 *         | swap: requests and publishes leave on B from here on
 *       JITTER         subscriptions are still A's: all clients of A would move them at once
 *         | SUB all, PING on B
 *   RESUBSCRIBING
 *         | PONG of B
 *    OVERLAPPING       both deliver, until the news of B's subscriptions has reached every server
 *         | UNSUB all, PING on A
 *     DRAINING
 *         | PONG of A, or the end of patience: longer while it has not answered for all publishes
 *      RETIRED
 * </pre>
 *
 * <p>Threading: owned by the event loop.
 */
public final class Handover {
    /** How far it has come. */
    public enum State {
        AWAITING_STANDBY,
        JITTER,
        RESUBSCRIBING,
        OVERLAPPING,
        DRAINING,
        RETIRED
    }

    /** Who moves the traffic. */
    public interface Traffic {
        /**
         * Moves new traffic from the given connection to a standby, and asks for one if there is none.
         *
         * @return whether it has moved
         */
        boolean moveAwayFrom(ServerConnection leaving, long nowNs);

        /** The connection that carries the traffic now; null when there is none at the moment. */
        @Nullable
        ServerConnection carrier();

        /** The old connection has nothing left to do. */
        void retire(ServerConnection left, long nowNs);
    }

    /**
     * Durations of the steps.
     *
     * @param answerTimeoutNs longest time the new server may take to answer, before it is given up
     * @param drainTimeoutNs longest time the old server may take for its last messages
     * @param coverTimeoutNs longest time it may take to have processed the publishes sent to it
     */
    public record Timing(
            long jitterNs, long overlapNs, long answerTimeoutNs, long drainTimeoutNs, long coverTimeoutNs) {}

    private final ServerConnection leaving;
    private final SubscriptionRegistry subscriptions;
    private final Traffic traffic;
    private final Timing timing;

    private State state = State.AWAITING_STANDBY;
    private long deadlineNs;
    private long coverDeadlineNs;
    /** The PING that ends the present state early, once answered. */
    private @Nullable Barrier barrier;

    public Handover(ServerConnection leaving, SubscriptionRegistry subscriptions, Traffic traffic, Timing timing) {
        this.leaving = leaving;
        this.subscriptions = subscriptions;
        this.traffic = traffic;
        this.timing = timing;
    }

    public ServerConnection leaving() {
        return leaving;
    }

    public State state() {
        return state;
    }

    /** Advances as far as it can go now; returns the nanoseconds until it wants to run again. */
    public long step(long nowNs) {
        boolean due = deadlineNs - nowNs <= 0;
        switch (state) {
            case AWAITING_STANDBY -> {
                if (!traffic.moveAwayFrom(leaving, nowNs)) {
                    return Long.MAX_VALUE; // Called again when there is a standby.
                }
                enter(State.JITTER, nowNs + timing.jitterNs());
            }
            case JITTER -> {
                if (due && !resubscribe(nowNs)) {
                    return Long.MAX_VALUE; // A is all there is. Called again when there is another carrier.
                }
            }
            case RESUBSCRIBING -> {
                if (isAnswered()) {
                    enter(State.OVERLAPPING, nowNs + timing.overlapNs());
                } else {
                    return Long.MAX_VALUE; // Until the answer, or the loss of a carrier that gives none.
                }
            }
            case OVERLAPPING -> {
                if (due) {
                    unsubscribe(nowNs);
                }
            }
            case DRAINING -> {
                if (due && !isAnswered() && !leaving.outbound().isCovered() && coverDeadlineNs - nowNs > 0) {
                    deadlineNs = coverDeadlineNs; // It has publishes nobody else has.
                } else if (due || isAnswered()) {
                    enter(State.RETIRED, nowNs);
                    traffic.retire(leaving, nowNs);
                }
            }
            case RETIRED -> {
                return Long.MAX_VALUE;
            }
        }
        return Math.max(0, deadlineNs - nowNs);
    }

    private boolean resubscribe(long nowNs) {
        ServerConnection carrier = traffic.carrier();
        if (carrier == null) {
            return false;
        }
        subscriptions.subscribeAll(carrier.outbound());
        barrier = new Barrier();
        carrier.ping(barrier, nowNs + timing.answerTimeoutNs());
        enter(State.RESUBSCRIBING, nowNs + timing.answerTimeoutNs());
        return true;
    }

    private void unsubscribe(long nowNs) {
        subscriptions.unsubscribeAll(leaving.outbound());
        leaving.outbound().lastUnsubscribe(Inbox.SID);
        barrier = new Barrier();
        leaving.outbound().lastPing(barrier);
        leaving.writer().flush();
        coverDeadlineNs = nowNs + timing.coverTimeoutNs();
        enter(State.DRAINING, nowNs + timing.drainTimeoutNs());
    }

    /** The connection the subscriptions were moving to is gone: they move to the one that carries the traffic next. */
    public void onCarrierLost(long nowNs) {
        if (state == State.RESUBSCRIBING || state == State.OVERLAPPING) {
            enter(State.JITTER, nowNs);
        }
    }

    /** The leaving connection is gone before its time. Whether its subscriptions live elsewhere already. */
    public boolean onLeavingLost() {
        boolean resubscribed = state == State.OVERLAPPING || state == State.DRAINING;
        state = State.RETIRED;
        return resubscribed;
    }

    private void enter(State next, long untilNs) {
        state = next;
        deadlineNs = untilNs;
    }

    private boolean isAnswered() {
        return barrier != null && barrier.answered;
    }

    private static final class Barrier extends Ping {
        private boolean answered;

        @Override
        public void onPong() {
            answered = true;
        }

        @Override
        public void onLost() {}
    }
}
