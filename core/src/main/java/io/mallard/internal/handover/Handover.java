package io.mallard.internal.handover;

import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.internal.connection.ConnectionState;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.SubscriptionMerge.Counts;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.ClientTally;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RoundTrips;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Leaves one connection A for another one B, make before break: new traffic moves first, subscriptions are held on both
 * sides for a while, and A is closed when its server has answered that everything is processed. If A is gone already, or
 * goes meanwhile, the same steps are taken, without what only A could do.
 *
 * <pre>
 *   AWAITING_STANDBY   A serves; nothing can take over yet
 *         | swap: requests and publishes leave on B from here on
 *       JITTER         subscriptions are still A's: all clients of A would move them at once
 *         | SUB all, PING on B
 *   RESUBSCRIBING
 *         | PONG of B; a fence published on B
 *    OVERLAPPING       both deliver: half of it until the news of B's subscriptions has reached A and, after a time, every
 *                      server; the other half from when B has delivered what A's server had for it by then
 *         | UNSUB all, PING on A
 *     DRAINING
 *         | PONG of A: the strict end of its stream; or the end of patience
 *     ANSWERING        A takes the answers to what it has delivered
 *         | handlers have ended, or the end of patience; a last PING on A
 *     FINISHING        until A has processed all it was sent, and no copy of its messages is on the way
 *         |
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
        ANSWERING,
        FINISHING,
        RETIRED
    }

    /** Who moves the traffic. */
    public interface Traffic {
        /**
         * Moves new traffic from the connection that is being left to a standby, and asks for one if there is none.
         *
         * @return whether it has moved
         */
        boolean move(Handover handover, long nowNs);

        /** The connection that carries the traffic now; null when there is none at the moment. */
        @Nullable
        ServerConnection carrier();

        /** Whether no earlier handover is under way: two cannot move the subscriptions at a time. */
        boolean isTurnOf(Handover handover);

        /** Subscriptions up to that one are on their way to that connection. */
        void onSubscriptionsMove(Handover handover, ServerConnection target, long untilSid);

        /** Whether A has processed what it was sent, so that B may have the subscriptions as well. */
        boolean isSettled(long nowNs);

        /** A message that is to go from one connection to another one, within a time. */
        Fence fence(ServerConnection origin, ServerConnection destination, long timeoutNs, long nowNs);

        /** It has come to another state; {@code inTime}: not because it had waited for that long enough. */
        void onState(Handover handover, State state, boolean inTime);

        /** The handover is over: nothing is left to do on the old connection. */
        void retire(Handover handover, long nowNs);
    }

    /**
     * Durations of the steps.
     *
     * @param standbyTimeoutNs longest time to wait for a standby, if staying on A is as good
     * @param answerTimeoutNs longest time the new server may take to answer, before it is given up, and each of the two fences
     *     to arrive, before it is waited for no longer
     * @param drainTimeoutNs longest time the old server may take for its last messages, then handlers for their answers
     * @param coverTimeoutNs longest time it may take to have processed the publishes sent to it
     */
    public record Timing(
            long standbyTimeoutNs,
            long jitterNs,
            long overlapNs,
            long answerTimeoutNs,
            long drainTimeoutNs,
            long coverTimeoutNs) {}

    /** Handlers end on threads of their own: how often they are looked at. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ServerConnection leaving;
    private final SubscriptionRegistry subscriptions;
    private final Overlap overlap;
    private final Traffic traffic;
    private final Timing timing;
    private final LameDuckEpisode episode;

    private State state = State.AWAITING_STANDBY;
    private long deadlineNs;
    /** B as soon as it gets the subscriptions. */
    private @Nullable ServerConnection target;
    /** A can have the subscriptions behind {@code firstSid} up to {@code lastSid}. */
    private long firstSid;

    private long lastSid;
    /** Behind the parts of limited subscriptions that A may use. */
    private @Nullable Barrier split;
    /** The PING that ends the present state early, once answered. */
    private @Nullable Barrier barrier;

    /** From B to A, behind B's subscriptions. */
    private @Nullable Fence there;
    /** From A to B, in the middle of the overlap. */
    private @Nullable Fence back;

    private long overlapBeganNs;
    /** Its second half has begun, then. */
    private boolean parting;

    private long partingNs;
    /** Latch: once true, always true. The subscriptions are this handover's business. */
    private boolean moving;
    /** The merge under way is this handover's. */
    private boolean merging;

    private Counts counts = Counts.NONE;

    /** @param before what became of requests until now, for the ledger */
    public Handover(
            HandoverReason reason,
            ServerConnection leaving,
            SubscriptionRegistry subscriptions,
            Overlap overlap,
            Traffic traffic,
            Timing timing,
            ClientTally before,
            long nowNs) {
        this.leaving = leaving;
        this.subscriptions = subscriptions;
        this.overlap = overlap;
        this.traffic = traffic;
        this.timing = timing;
        this.episode = new LameDuckEpisode(reason, leaving.url(), before, nowNs);
        this.deadlineNs = nowNs + timing.standbyTimeoutNs();
    }

    public ServerConnection leaving() {
        return leaving;
    }

    public HandoverReason reason() {
        return episode.reason();
    }

    public State state() {
        return state;
    }

    /** From the reason to the store of the new route; 0 before. */
    public long swapNs() {
        return episode.swapNs();
    }

    /** The connection that is being left does not exist any more. */
    public boolean isLeavingLost() {
        return leaving.state() == ConnectionState.CLOSED;
    }

    /** Advances as far as it can go now; returns the nanoseconds until it wants to run again. */
    public long step(long nowNs) {
        boolean due = deadlineNs - nowNs <= 0;
        return switch (state) {
            case AWAITING_STANDBY -> awaitStandby(due, nowNs);
            case JITTER -> due ? awaitTurn(nowNs) : deadlineNs - nowNs;
            case RESUBSCRIBING -> isAnswered() ? onResubscribed(nowNs) : Long.MAX_VALUE; // B answers, or is lost.
            case OVERLAPPING -> due ? awaitFences(nowNs) : deadlineNs - nowNs;
            case DRAINING -> due || isAnswered() ? onLeadingEnded(nowNs) : deadlineNs - nowNs;
            case ANSWERING -> awaitAnswers(due, nowNs);
            case FINISHING -> awaitEnd(nowNs);
            case RETIRED -> Long.MAX_VALUE;
        };
    }

    /** Subscriptions that have no home any more wait for nobody, and the others for A only so long. */
    private long awaitTurn(long nowNs) {
        long patienceNs = deadlineNs + timing.answerTimeoutNs() - nowNs;
        boolean settled = (traffic.isSettled(nowNs) && (split == null || split.isAnswered())) || patienceNs <= 0;
        if (isLeavingLost() || (settled && traffic.isTurnOf(this))) {
            return resubscribe(nowNs);
        }
        return patienceNs > 0 ? patienceNs : Long.MAX_VALUE; // Called again when another one has ended.
    }

    private long awaitStandby(boolean due, long nowNs) {
        if (traffic.move(this, nowNs)) {
            lastSid = subscriptions.lastSid();
            if (isLeavingLost()) {
                return resubscribe(nowNs);
            }
            if (traffic.isTurnOf(this)) {
                beginMoving(nowNs);
            }
            return enter(State.JITTER, timing.jitterNs(), nowNs);
        }
        boolean optional = reason() != HandoverReason.LAME_DUCK && reason() != HandoverReason.LOST;
        boolean mayStay = optional && !isLeavingLost();
        if (mayStay && due) {
            return retire(nowNs);
        }
        return mayStay ? deadlineNs - nowNs : Long.MAX_VALUE; // Called again when there is a standby.
    }

    /** New traffic goes to another server from now on. */
    public void onTrafficMoved(String url, long nowNs) {
        episode.onTrafficMoved(url, nowNs);
    }

    private long resubscribe(long nowNs) {
        ServerConnection carrier = traffic.carrier();
        if (carrier == null) {
            return Long.MAX_VALUE; // A is all there is. Called again when there is another carrier.
        }
        target = carrier;
        if (isLeavingLost()) {
            overlap.onFollowingAsked(carrier, nowNs); // What leads may be another one, whose turn it is to move.
            subscriptions.subscribeAll(carrier.outbound());
        } else {
            beginMoving(nowNs);
            overlap.onFollowingAsked(carrier, nowNs);
            subscriptions.subscribeToo(carrier.outbound(), firstSid, lastSid);
            traffic.onSubscriptionsMove(this, carrier, lastSid);
        }
        barrier = new Barrier(carrier);
        carrier.ping(barrier, nowNs + timing.answerTimeoutNs());
        episode.onResubscribed(carrier.url());
        enter(State.RESUBSCRIBING, timing.answerTimeoutNs(), nowNs);
        return Long.MAX_VALUE;
    }

    /** From here on another server may deliver what A delivers, and A may use only its part of what is limited. */
    private void beginMoving(long nowNs) {
        if (!moving) {
            moving = true;
            merging = true;
            subscriptions.joinAll(leaving.outbound());
            overlap.begin(leaving, firstSid, lastSid, timing.overlapNs(), nowNs);
            if (subscriptions.splitLimits(leaving.outbound(), firstSid, lastSid)) {
                split = new Barrier();
                leaving.outbound().lastPing(split);
                leaving.writer().flush();
            }
        }
    }

    /** An earlier handover moves subscriptions up to that one to another server than the one that is being left here. */
    public void onMovedElsewhere(long untilSid) {
        firstSid = Math.max(firstSid, untilSid);
        ServerConnection carrier = traffic.carrier();
        if (carrier != null) { // What A alone has is not among them, and too early a number to move later.
            if (subscriptions.moveOnly(leaving.outbound(), carrier.outbound())) {
                episode.onSubscriptionGap();
            }
            leaving.writer().flush();
        }
    }

    private long onResubscribed(long nowNs) {
        if (target != null) {
            overlap.onFollowingAnswered(target, nowNs);
        }
        if (target != null && !isLeavingLost()) {
            there = traffic.fence(target, leaving, timing.answerTimeoutNs(), nowNs)
                    .goAhead();
            target.writer().flush();
            back = null;
            parting = false;
            overlapBeganNs = nowNs;
            return enter(State.OVERLAPPING, halfOverlapNs(), nowNs);
        }
        return finish(nowNs);
    }

    private long halfOverlapNs() {
        return Math.max(timing.overlapNs(), overlap.neededNs()) / 2;
    }

    private long awaitFences(long nowNs) {
        if (there != null && there.isAwaited(nowNs)) {
            return there.deadlineNs() - nowNs;
        }
        long leftNs = overlapBeganNs + halfOverlapNs() - nowNs;
        if (leftNs > 0) {
            return leftNs; // The servers are further apart than was thought.
        }
        if (there != null && there.isArrived() && back == null && target != null && overlap.isMerging()) {
            back = traffic.fence(leaving, target, timing.answerTimeoutNs(), nowNs)
                    .goLast();
            leaving.writer().flush();
        }
        if (back != null && back.isAwaited(nowNs)) {
            return back.deadlineNs() - nowNs; // What comes late through B is late by at least that much.
        }
        if (!parting) {
            parting = true;
            partingNs = nowNs;
            overlap.onParting();
        }
        leftNs = partingNs + halfOverlapNs() - nowNs;
        return leftNs > 0 ? leftNs : unsubscribe(nowNs);
    }

    private long unsubscribe(long nowNs) {
        if (there != null) {
            episode.onFence(there.tookNs());
            if (there.isOverdue(nowNs)) {
                episode.onSubscriptionGap(); // Does A know of B's subscriptions? Nobody can tell.
            }
        }
        subscriptions.unsubscribeAll(leaving.outbound());
        leaving.outbound().lastUnsubscribe(Inbox.SID, 0);
        barrier = new Barrier();
        leaving.outbound().lastPing(barrier);
        leaving.writer().flush();
        return enter(State.DRAINING, timing.drainTimeoutNs(), nowNs);
    }

    private long onLeadingEnded(long nowNs) {
        if (!isAnswered()) {
            episode.onSubscriptionGap();
        }
        endLeading(nowNs);
        subscriptions.markAnswers();
        enter(State.ANSWERING, timing.drainTimeoutNs(), nowNs);
        return step(nowNs);
    }

    private void endLeading(long nowNs) {
        if (merging && overlap.onLeadingEnded(nowNs) && target != null && state != State.JITTER) {
            subscriptions.onOverlapEnded(target.outbound(), firstSid, lastSid);
            target.writer().flush();
        }
    }

    /** A subscription was limited to a number of messages. Whether that is this handover's business. */
    public boolean onLimited(ActiveSubscription subscription) {
        boolean hasTarget = state == State.RESUBSCRIBING || state == State.OVERLAPPING;
        boolean isAs = subscription.sid() > firstSid && subscription.sid() <= lastSid;
        if (merging && isAs && subscription.queue() == null) {
            return true; // B will be told when the merge is over.
        }
        boolean mine = !isLeavingLost() && isAs && (hasTarget || state == State.JITTER || state == State.DRAINING);
        if (mine && state != State.DRAINING) { // Otherwise B will be told in a moment, as of everything A has left.
            OutboundBuffer there = hasTarget && target != null ? target.outbound() : null;
            subscriptions.tellLimitInHandover(subscription, leaving.outbound(), there);
            leaving.writer().flush();
            if (target != null) {
                target.writer().flush();
            }
        }
        return mine;
    }

    private long finish(long nowNs) {
        if (!isLeavingLost()) {
            leaving.outbound().sealForReplies();
            if (!leaving.outbound().isCovered()) {
                leaving.outbound().lastPing(new Barrier());
                leaving.writer().flush();
            }
        }
        enter(State.FINISHING, timing.coverTimeoutNs(), nowNs);
        return awaitEnd(nowNs);
    }

    private long awaitAnswers(boolean due, long nowNs) {
        stepMerge(nowNs);
        return due || !subscriptions.isAnswering() ? finish(nowNs) : LOOK_NS;
    }

    private long awaitEnd(long nowNs) {
        long mergeNs = stepMerge(nowNs);
        boolean covered = isLeavingLost() || leaving.outbound().isCovered() || deadlineNs - nowNs <= 0;
        if (covered && !merging) {
            return retire(nowNs);
        }
        return Math.min(covered ? Long.MAX_VALUE : deadlineNs - nowNs, mergeNs);
    }

    /** Ends the merge if it is over; returns the nanoseconds until it may be. */
    private long stepMerge(long nowNs) {
        if (!merging) {
            return Long.MAX_VALUE;
        }
        long waitNs = overlap.onTick(nowNs);
        if (!overlap.isOver(nowNs)) {
            return waitNs;
        }
        merging = false;
        counts = overlap.end();
        if (target != null && target.state() != ConnectionState.CLOSED) {
            subscriptions.onMergeOver(target.outbound(), firstSid, lastSid);
            target.writer().flush();
        }
        return Long.MAX_VALUE;
    }

    /** Whether subscriptions are on two servers, or about to be, or what two have delivered is not one stream yet. */
    public boolean isOverlapping() {
        boolean onTwo = state == State.JITTER
                || state == State.RESUBSCRIBING
                || state == State.OVERLAPPING
                || state == State.DRAINING;
        return merging || (onTwo && !isLeavingLost());
    }

    /** Whether the old server has been told, or never will be, that it has no subscriptions any more. */
    public boolean hasUnsubscribed() {
        return state.compareTo(State.DRAINING) >= 0;
    }

    /** Whether all that is left to do concerns the old connection alone. */
    public boolean hasMovedSubscriptions() {
        return !merging && (state == State.FINISHING || state == State.RETIRED);
    }

    private long retire(long nowNs) {
        overlap.onRetired(leaving);
        enter(State.RETIRED, 0, nowNs);
        traffic.retire(this, nowNs);
        return Long.MAX_VALUE;
    }

    /** What is to be told of it when it is over. */
    public HandoverReport report(ClientTally now, RoundTrips roundTrips, long nowNs) {
        return episode.report(leaving.outbound().publishesResent(), counts, now, roundTrips, nowNs);
    }

    /** Publishes went to the other server before this one had answered for those before them. */
    public void onPublishOrderLost() {
        episode.onPublishOrderLost();
    }

    /** A connection is gone, which may be neither of the two. */
    public void onClosed(ServerConnection connection, long nowNs) {
        overlap.onClosed(connection);
        if (connection == leaving) {
            onLeavingLost(nowNs);
        } else if (connection == target && (state == State.RESUBSCRIBING || state == State.OVERLAPPING)) {
            // They move to whatever carries the traffic next, or, if A is gone too, whoever leaves B takes care of
            // them.
            enter(isLeavingLost() ? State.FINISHING : State.JITTER, 0, nowNs);
        }
    }

    private void onLeavingLost(long nowNs) {
        switch (state) {
            case AWAITING_STANDBY -> onGap();
            case JITTER -> {
                onGap();
                endLeading(nowNs);
                enter(State.JITTER, 0, nowNs);
            }
            case RESUBSCRIBING -> {
                onGap();
                endLeading(nowNs);
            }
            case OVERLAPPING -> {
                onGap();
                endLeading(nowNs);
                enter(State.FINISHING, 0, nowNs);
            }
            case DRAINING -> { // As good an end of its stream as a PONG, unless it had messages nobody else has.
                if (subscriptions.hasQueueGroup()) {
                    episode.onSubscriptionGap();
                }
                endLeading(nowNs);
                enter(State.FINISHING, 0, nowNs);
            }
            case ANSWERING, FINISHING -> enter(State.FINISHING, 0, nowNs);
            case RETIRED -> {}
        }
    }

    /** Whoever subscribes to nothing misses nothing. */
    private void onGap() {
        if (!subscriptions.isEmpty()) {
            episode.onSubscriptionGap();
        }
    }

    /** Messages to subscriptions may be missing. */
    public void onSubscriptionGap() {
        episode.onSubscriptionGap();
    }

    /** Publishes handed to the old connection of which nobody knows whether they were processed. */
    public void onInDoubt(long publishes) {
        episode.onInDoubt(publishes);
    }

    private long enter(State next, long waitNs, long nowNs) {
        boolean inTime = deadlineNs - nowNs > 0;
        state = next;
        deadlineNs = nowNs + waitNs;
        traffic.onState(this, next, inTime);
        return waitNs;
    }

    private boolean isAnswered() {
        return barrier != null && barrier.isAnswered();
    }
}
