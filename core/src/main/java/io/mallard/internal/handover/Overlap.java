package io.mallard.internal.handover;

import io.mallard.HandoverMode;
import io.mallard.NatsMessage;
import io.mallard.internal.ContentHash;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.SubscriptionMerge.Counts;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.wire.MessageView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of received messages to their subscriptions: straight, or, while plain subscriptions are held on two servers,
 * through the merge that makes one stream of two. There is at most one merge at a time.
 *
 * <p>Messages of a queue group are no copies of each other, and a subscription made after the move, or on a standby, is
 * on one server alone: all of them go straight.
 *
 * <p>Threading: owned by the event loop.
 */
public final class Overlap {
    /** What the two paths of a message are at least assumed to differ by. */
    private static final long FIRST_SKEW_BOUND_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** The overlap is at least that many times as long as a message takes from one server to the other. */
    private static final int OVERLAP_PER_FENCE = 4;
    /** About what a held message needs besides its headers and payload. */
    private static final int HELD_OVERHEAD_BYTES = 200;

    private record Delivery(ActiveSubscription subscription, NatsMessage message) {}

    private final SubscriptionRegistry subscriptions;
    private final HandoverMode mode;
    private final long maxHeldBytes;
    private final ContentHash contentHash;

    private @Nullable SubscriptionMerge<Delivery> merge;
    private @Nullable ServerConnection leading;
    private @Nullable ServerConnection following;
    /** What leads no more, and of which nothing more is wanted. */
    private final List<ServerConnection> ended = new ArrayList<>(2);
    /** The leading connection may have the subscriptions behind {@code firstSid} up to {@code lastSid}. */
    private long firstSid;

    private long lastSid;
    /** How far apart the servers are, as far as that is known in this handover. */
    private long apartNs;

    public Overlap(SubscriptionRegistry subscriptions, HandoverMode mode, long maxHeldBytes, ContentHash contentHash) {
        this.subscriptions = subscriptions;
        this.mode = mode;
        this.maxHeldBytes = maxHeldBytes;
        this.contentHash = contentHash;
    }

    /**
     * From now on a second connection may deliver what the given one delivers.
     *
     * <p>The given connection may have the subscriptions behind {@code afterSid} up to {@code untilSid}.
     *
     * @param overlapNs how long both have the subscriptions
     */
    void begin(ServerConnection connection, long afterSid, long untilSid, long overlapNs, long nowNs) {
        assert merge == null;
        leading = connection;
        firstSid = afterSid;
        lastSid = untilSid;
        if (mode == HandoverMode.EXACT) {
            merge = new SubscriptionMerge<>(
                    Math.max(overlapNs, neededNs()),
                    Math.max(FIRST_SKEW_BOUND_NS, apartNs),
                    maxHeldBytes,
                    delivery -> delivery.subscription.deliver(delivery.message),
                    nowNs);
        }
    }

    /** A message took that long from one of the two servers to the other. */
    public void onServersApart(long tookNs) {
        apartNs = Math.max(apartNs, tookNs);
        if (merge != null) {
            merge.widen(apartNs, neededNs());
        }
    }

    /** How long both servers must have the subscriptions, as far as that depends on how far apart they are. */
    long neededNs() {
        return OVERLAP_PER_FENCE * apartNs;
    }

    public void onMessage(ServerConnection via, MessageView message) {
        ActiveSubscription subscription = subscriptions.find(message.sid());
        if (subscription == null) {
            return; // It was on its way when its subscription ended.
        }
        boolean moves = message.sid() > firstSid && message.sid() <= lastSid && subscription.onlyOn() == null;
        boolean plain = subscription.queue() == null;
        if (moves && plain && ended.contains(via)) {
            return; // It comes too late: the other connection's copies were taken for all there is.
        }
        subscription.onArrived(moves && leading != null && via != leading);
        NatsMessage read = subscription.read(message, via.replier());
        if (merge == null || !moves || !plain) {
            subscription.deliver(read);
            return;
        }
        long nowNs = System.nanoTime();
        long hash = contentHash.with(contentHash.of(message), message.sid());
        Delivery delivery = new Delivery(subscription, read);
        if (via == leading) {
            merge.onLeading(hash, message.sid(), delivery, nowNs);
        } else {
            merge.onFollowing(hash, message.sid(), delivery, HELD_OVERHEAD_BYTES + read.sizeBytes(), nowNs);
        }
    }

    /** Another connection is about to have the subscriptions as well. */
    void onFollowingAsked(ServerConnection connection, long nowNs) {
        if (merge != null) {
            following = connection;
            merge.onFollowingAsked(nowNs);
        }
    }

    /** The server of that connection has answered behind the subscriptions. */
    void onFollowingAnswered(ServerConnection connection, long nowNs) {
        if (merge != null && connection == following) {
            merge.onFollowingAnswered(nowNs);
        }
    }

    void onClosed(ServerConnection connection) {
        if (merge != null && connection == following) {
            following = null;
            merge.onFollowingLost();
        }
    }

    /** In half an overlap, the leading connection may lose the subscriptions. */
    void onParting() {
        if (merge != null) {
            merge.onParting();
        }
    }

    void onUnsubscribed(long sid) {
        if (merge != null) {
            merge.onUnsubscribed(sid);
        }
    }

    /** Whether copies are told from messages. */
    boolean isMerging() {
        return merge != null;
    }

    /** Nothing more comes through the leading connection; false when that was known. */
    boolean onLeadingEnded(long nowNs) {
        boolean news = leading != null;
        if (news) {
            if (merge != null) {
                ended.add(leading);
            }
            leading = null;
        }
        if (news && merge != null) {
            merge.onLeadingEnded(nowNs);
        }
        return news;
    }

    /** Returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        return merge == null ? Long.MAX_VALUE : merge.onTick(nowNs);
    }

    /** Whether no copy can come any more that would have to be recognised. */
    boolean isOver(long nowNs) {
        return merge == null || merge.isOver(nowNs);
    }

    /** Nothing comes through that connection any more. */
    void onRetired(ServerConnection retired) {
        ended.remove(retired);
    }

    /** Ends the merge; returns what it has counted. */
    Counts end() {
        Counts counts = merge == null ? Counts.NONE : merge.counts();
        merge = null;
        leading = null;
        following = null;
        apartNs = 0;
        return counts;
    }
}
