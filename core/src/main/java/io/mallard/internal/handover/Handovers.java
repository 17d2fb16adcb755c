package io.mallard.internal.handover;

import io.mallard.HandoverOptions;
import io.mallard.HandoverReason;
import io.mallard.NatsOptions;
import io.mallard.internal.ContentHash;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.AwaitedPing;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OwnPublishes;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.wire.MessageView;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The handovers of one client that are under way, and what they share: one as a rule, several while the next server goes
 * before the last one is left. Publishes that are held, fences on their way, and the one overlap of subscriptions.
 *
 * <p>Threading: owned by the event loop, except {@link #settled}, which anybody may read.
 */
public final class Handovers implements Handover.Traffic {
    /** Who owns the connections. */
    public interface Carriers {
        /** As {@link Handover.Traffic#move}. */
        boolean move(Handover handover, long nowNs);

        /** As {@link Handover.Traffic#carrier}. */
        @Nullable
        ServerConnection carrier();

        /** As {@link Handover.Traffic#onState}. */
        void onState(Handover handover, Handover.State state, boolean inTime);

        /** The handover is over, and under way no more. */
        void onRetired(Handover handover, long nowNs);
    }

    private static final CompletableFuture<Void> NOTHING_TO_SETTLE = CompletableFuture.completedFuture(null);
    private static final long NO_ORDER = -1;

    private final NatsOptions options;
    private final SubscriptionRegistry subscriptions;
    private final RequestTable requests;
    private final Carriers carriers;
    private final Random random;
    private final ContentHash contentHash = new ContentHash(new SecureRandom().nextLong());
    private final Overlap overlap;

    private final List<Handover> underWay = new ArrayList<>();
    private final List<PublishHold> holds = new ArrayList<>();
    private final List<Fence> fences = new ArrayList<>();
    /** While the client is on two servers and wants no echo. */
    private @Nullable OwnPublishes ownPublishes;
    /** Meanwhile: of what was published on the connections that are being left. */
    private final List<Passage> passages = new ArrayList<>();

    // Written by the event loop, read by anybody.
    private volatile CompletableFuture<Void> settled = NOTHING_TO_SETTLE;

    public Handovers(
            NatsOptions options,
            SubscriptionRegistry subscriptions,
            RequestTable requests,
            Carriers carriers,
            Random random) {
        this.options = options;
        this.subscriptions = subscriptions;
        this.requests = requests;
        this.carriers = carriers;
        this.random = random;
        this.overlap = new Overlap(
                subscriptions, options.handover().mode(), options.handover().maxHeldBytes(), contentHash);
    }

    /** Completes when publishes accepted by connections that are being left are processed, or known to be in doubt. */
    public CompletableFuture<Void> settled() {
        return settled;
    }

    /** Begins to leave a connection; nothing happens before {@link Handover#step}. */
    public Handover begin(HandoverReason reason, ServerConnection leaving, long nowNs) {
        Handover handover =
                new Handover(reason, leaving, subscriptions, overlap, this, timing(reason), requests.tally(), nowNs);
        underWay.add(handover);
        return handover;
    }

    private Handover.Timing timing(HandoverReason reason) {
        boolean hasCompany = reason == HandoverReason.LAME_DUCK || reason == HandoverReason.REBALANCE;
        double share = hasCompany ? random.nextDouble() : 0;
        return new Handover.Timing(
                options.hotSwap().timeout().toNanos(),
                (long) (options.handover().jitter().toNanos() * share),
                options.handover().overlap().toNanos(),
                options.connection().connectTimeout().toNanos(),
                options.handover().drainTimeout().toNanos(),
                options.connection().publishTimeout().toNanos());
    }

    /** A better reason to leave a connection has come up than the one it is being left for. */
    public void forget(@Nullable Handover handover) {
        underWay.remove(handover);
    }

    /** The handover that leaves that connection; null if there is none. */
    public @Nullable Handover of(ServerConnection connection) {
        for (int i = 0; i < underWay.size(); i++) { // In every turn of the loop: without an iterator.
            Handover handover = underWay.get(i);
            if (handover.leaving() == connection) {
                return handover;
            }
        }
        return null;
    }

    /** Whether any connection is being left. */
    public boolean isUnderWay() {
        return !underWay.isEmpty();
    }

    /** Whether a server that is about to leave is still being left. */
    public boolean isLeavingLameDuck() {
        for (Handover handover : underWay) {
            if (handover.reason() == HandoverReason.LAME_DUCK) {
                return true;
            }
        }
        return false;
    }

    /**
     * New traffic is kept from a leaving server although it still serves: what it was sent is waited for all the same.
     * To be called before anything is published elsewhere.
     */
    public void onHeldBack(ServerConnection leaving) {
        leaving.outbound().seal();
        AwaitedPing last = new AwaitedPing();
        leaving.outbound().lastPing(last);
        leaving.writer().flush();
        settled = settled.isDone() ? last.answered() : CompletableFuture.allOf(settled, last.answered());
        rememberOwnPublishes();
    }

    private void rememberOwnPublishes() {
        if (!options.connection().echo() && ownPublishes == null) {
            ownPublishes = new OwnPublishes(contentHash);
        }
    }

    /** The leaving connection that still serves and from which new traffic is kept; null if there is none. */
    public @Nullable ServerConnection heldBack() {
        for (Handover handover : underWay) {
            if (isHeldBack(handover)) {
                return handover.leaving();
            }
        }
        return null;
    }

    private boolean isHeldBack(Handover handover) {
        return handover.state() == Handover.State.AWAITING_STANDBY
                && handover.leaving() != carriers.carrier()
                && !handover.isLeavingLost();
    }

    /** The one that has nothing to move to yet. */
    public Optional<Handover> awaitingStandby() {
        return underWay.stream()
                .filter(handover -> handover.state() == Handover.State.AWAITING_STANDBY)
                .findFirst();
    }

    /** Whether subscriptions are on two servers, or about to be. */
    public boolean isOverlapping() {
        for (Handover handover : underWay) {
            if (handover.isOverlapping() || isHeldBack(handover)) {
                return true;
            }
        }
        return false;
    }

    /** The connections that are being left and do not carry new traffic any more. */
    public List<ServerConnection> left() {
        List<ServerConnection> left = new ArrayList<>();
        for (Handover handover : underWay) {
            if (handover.leaving() != carriers.carrier() && !handover.isLeavingLost()) {
                left.add(handover.leaving());
            }
        }
        return left;
    }

    /** Advances all as far as they can go now; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        long waitNs = Long.MAX_VALUE;
        if (!underWay.isEmpty()) {
            waitNs = overlap.onTick(nowNs);
            for (Handover handover : List.copyOf(underWay)) {
                waitNs = Math.min(waitNs, handover.leaving().onTick(nowNs));
                waitNs = Math.min(waitNs, handover.step(nowNs));
            }
            fences.removeIf(fence -> !fence.isAwaited(nowNs));
        }
        return holds.isEmpty() ? waitNs : Math.min(waitNs, stepHolds(nowNs)); // Seldom: iterators are garbage per turn.
    }

    private long stepHolds(long nowNs) {
        long waitNs = Long.MAX_VALUE;
        for (PublishHold hold : holds) {
            waitNs = Math.min(waitNs, hold.step(nowNs));
            Handover handover = hold.isOrderLost() ? of(hold.left()) : null;
            if (handover != null) {
                handover.onPublishOrderLost();
            }
        }
        holds.removeIf(PublishHold::isReleased);
        return waitNs;
    }

    /** There may be something to move to. */
    public void onCarrierOrStandby(long nowNs) {
        for (Handover handover : List.copyOf(underWay)) {
            handover.step(nowNs);
        }
    }

    /** A connection is gone, whichever it was. */
    public void onClosed(ServerConnection connection, long nowNs) {
        underWay.forEach(handover -> handover.onClosed(connection, nowNs));
    }

    /** The client is closed. */
    public void clear() {
        underWay.clear();
    }

    // What the handovers ask for.

    @Override
    public boolean move(Handover handover, long nowNs) {
        return carriers.move(handover, nowNs);
    }

    @Override
    public @Nullable ServerConnection carrier() {
        return carriers.carrier();
    }

    /**
     * All that has to be done before new traffic goes to the next connection instead of a living one: whoever appends to
     * the old one from now on waits for the route to the next one.
     */
    public void onSwap(ServerConnection leaving, ServerConnection next, long nowNs) {
        HandoverOptions handover = options.handover();
        // The inbox first: a request that leaves on B finds it there. Replies to earlier ones come through A or B.
        next.outbound().urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
        rememberOwnPublishes();
        leaving.outbound().seal();
        PublishHold hold = new PublishHold(
                leaving,
                next,
                fence(next, leaving, handover.overlap().toNanos(), nowNs).goAhead(),
                handover.ordered() ? handover.publishSettle().toNanos() : NO_ORDER,
                options.connection().flushTimeout().toNanos(),
                nowNs);
        holds.add(hold);
        settled = settled.isDone() ? hold.processed() : CompletableFuture.allOf(settled, hold.processed());
    }

    /** Tells a buffer that takes new traffic whether what is published must be remembered. */
    public void tellOwnPublishes(OutboundBuffer outbound) {
        outbound.tell(ownPublishes);
    }

    @Override
    public boolean isTurnOf(Handover handover) {
        for (Handover earlier : underWay) {
            if (earlier == handover) {
                return true;
            }
            if (!earlier.hasMovedSubscriptions()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void onSubscriptionsMove(Handover handover, ServerConnection target, long untilSid) {
        for (Handover later : underWay.subList(underWay.indexOf(handover) + 1, underWay.size())) {
            if (later.leaving() != target) {
                later.onMovedElsewhere(untilSid);
            }
        }
    }

    /** A client that wants no echo must not be on B before its own publishes on A have passed there. */
    @Override
    public boolean isSettled(long nowNs) {
        ServerConnection next = carriers.carrier();
        if (!settled.isDone()) {
            return false;
        }
        if (ownPublishes == null || next == null) {
            return true;
        }
        boolean passed = true;
        for (ServerConnection leaving : left()) {
            passed &= passage(leaving, next, nowNs).step(nowNs);
        }
        return passed;
    }

    private Passage passage(ServerConnection leaving, ServerConnection next, long nowNs) {
        for (Passage passage : passages) {
            if (passage.isOf(leaving, next)) {
                return passage;
            }
        }
        Passage passage = new Passage(
                leaving,
                next,
                this::fence,
                options.connection().connectTimeout().toNanos(),
                options.handover().overlap().toNanos(),
                nowNs);
        passages.add(passage);
        return passage;
    }

    @Override
    public Fence fence(ServerConnection origin, ServerConnection destination, long timeoutNs, long nowNs) {
        long token = requests.newToken();
        Fence fence = new Fence(origin, destination, requests.inbox().subject(token), token, timeoutNs, nowNs);
        fences.add(fence);
        return fence;
    }

    @Override
    public void onState(Handover handover, Handover.State state, boolean inTime) {
        carriers.onState(handover, state, inTime);
    }

    @Override
    public void retire(Handover handover, long nowNs) {
        underWay.remove(handover);
        carriers.onRetired(handover, nowNs);
        fences.removeIf(fence -> !fence.isAwaited(nowNs));
    }

    /** Ends the memory of own publishes once no connection is left that could return one; true if it has ended now. */
    public boolean forgetOwnPublishes() {
        boolean over = ownPublishes != null && underWay.stream().allMatch(each -> each.leaving() == carriers.carrier());
        if (over) {
            ownPublishes = null;
            passages.clear();
        }
        return over;
    }

    // What arrives.

    /** A message of a subscription. */
    public void onMessage(ServerConnection via, MessageView message) {
        if (ownPublishes == null || !mayReturnOwn(via) || !ownPublishes.isReturn(via, message)) {
            overlap.onMessage(via, message);
        }
    }

    /**
     * A server keeps from a connection what came through that connection. Except: what it has chosen a queue group's
     * member elsewhere for, and that one has just been unsubscribed, its server sends back, and nobody knows any more
     * where it came from.
     */
    private boolean mayReturnOwn(ServerConnection via) {
        if (via != carriers.carrier()) {
            return via != heldBack(); // What is held back was not published yet.
        }
        return underWay.stream().anyMatch(Handover::hasUnsubscribed) && subscriptions.hasQueueGroup();
    }

    /** A message of the inbox that answers no request: perhaps a fence. */
    public void onInboxMessage(ServerConnection via, MessageView message) {
        if (fences.isEmpty()) {
            return;
        }
        long token = requests.inbox().token(message);
        long nowNs = System.nanoTime();
        for (Fence fence : fences) {
            if (fence.onInboxMessage(via, token, nowNs) && fence.measures()) {
                overlap.onServersApart(fence.tookNs());
            }
        }
    }

    /** Whether this {@code -ERR} is about a fence, and nobody else's business. */
    public boolean onServerError(ServerConnection via, String text) {
        for (Fence fence : fences) {
            if (fence.onServerError(via, text)) {
                return true;
            }
        }
        return false;
    }

    /** Subscriptions that a connection to that server alone had were moved with a gap, which is part of leaving it. */
    public void onSubscriptionGap(ServerConnection gone) {
        for (Handover handover : underWay) {
            if (handover.leaving().isToServerOf(gone)) {
                handover.onSubscriptionGap();
            }
        }
    }

    /** A subscription has ended: a server that is being left must not pick it for its queue group any more. */
    public void onUnsubscribed(long sid) {
        overlap.onUnsubscribed(sid);
        for (ServerConnection leaving : left()) {
            leaving.outbound().lastUnsubscribe(sid, 0);
            leaving.writer().flush();
        }
    }

    /** A subscription was limited to a number of messages. Whether that is the business of a handover. */
    public boolean onLimited(ActiveSubscription subscription) {
        for (Handover handover : underWay) {
            if (handover.onLimited(subscription)) {
                return true;
            }
        }
        return false;
    }
}
