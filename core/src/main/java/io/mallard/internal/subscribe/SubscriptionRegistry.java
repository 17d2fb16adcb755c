package io.mallard.internal.subscribe;

import io.mallard.MessageHandler;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.LongMap;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.Inbox;
import io.mallard.protocol.wire.ProtocolEncoder;
import io.mallard.protocol.wire.Subjects;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one client, which outlive its connections: the same sid on every one of them.
 *
 * <p>A subscription enters here before its SUB enters an outbound buffer. So whoever seals a buffer and then reads this
 * registry sees every subscription whose SUB went into that buffer.
 *
 * <p>Threading: safe from any thread; {@link #onTick} on the event loop.
 */
public final class SubscriptionRegistry {
    private static final int AROUND_CONTROL_LINE = "SUB \r\n".length();
    /** A busy executor is asked again after this long. */
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LongMap<ActiveSubscription> subscriptions = new LongMap<>();
    private final AtomicLong lastSid = new AtomicLong(Inbox.SID);
    // Owned by the event loop.
    /** Those whose handler the executor had no thread for. */
    private final Queue<ActiveSubscription> refused = new ArrayDeque<>();

    /**
     * Enters a subscription under a sid of its own.
     *
     * @throws NatsException INVALID_SUBJECT
     */
    public ActiveSubscription add(
            String subject,
            @Nullable String queue,
            MessageHandler handler,
            Executor executor,
            ActiveSubscription.Client client) {
        long sid = lastSid.incrementAndGet();
        check(subject, queue, sid);
        ActiveSubscription subscription =
                new ActiveSubscription(sid, subject, queue, handler, executor, client, refused::add);
        subscriptions.put(subscription.sid(), subscription);
        return subscription;
    }

    /** What a server would answer by closing the connection is refused here: each one after it would be told the same. */
    private static void check(String subject, @Nullable String queue, long sid) {
        try {
            Subjects.checkSubscribe(subject);
            if (queue != null) {
                Subjects.checkQueue(queue);
            }
        } catch (IllegalArgumentException e) {
            throw new NatsException(NatsStatus.INVALID_SUBJECT, String.valueOf(e.getMessage()), e);
        }
        int lineBytes = ProtocolEncoder.subSize(subject, queue, sid) - AROUND_CONTROL_LINE;
        if (lineBytes > ProtocolEncoder.MAX_CONTROL_LINE) {
            throw new NatsException(
                    NatsStatus.INVALID_SUBJECT,
                    "subject, queue and sid make a control line of " + lineBytes + " bytes, a server takes at most "
                            + ProtocolEncoder.MAX_CONTROL_LINE);
        }
    }

    /** Ends a subscription; false when it has ended before. */
    public boolean remove(ActiveSubscription subscription) {
        if (subscriptions.remove(subscription.sid()) == null) {
            return false;
        }
        subscription.end();
        return true;
    }

    /** Ends a subscription that has had all its messages; false when it has ended before. */
    public boolean complete(ActiveSubscription subscription) {
        if (subscriptions.remove(subscription.sid()) == null) {
            return false;
        }
        subscription.complete();
        return true;
    }

    public void removeAll() {
        subscriptions.values().forEach(this::remove);
    }

    /** The subscription of that sid; null when it has ended. */
    public @Nullable ActiveSubscription find(long sid) {
        return subscriptions.get(sid);
    }

    /** The highest sid given so far. */
    public long lastSid() {
        return lastSid.get();
    }

    /** Remembers which messages have arrived that want an answer. */
    public void markAnswers() {
        subscriptions.values().forEach(ActiveSubscription::markAnswers);
    }

    /** Whether a handler is still to deal with one of those remembered. */
    public boolean isAnswering() {
        for (ActiveSubscription subscription : subscriptions.values()) {
            if (subscription.isAnswering()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Asks the executor again that had no thread for some handlers, as far as it has threads now; returns the
     * nanoseconds until it wants to be called again.
     */
    public long onTick() {
        ActiveSubscription next;
        while ((next = refused.peek()) != null && next.retry()) {
            refused.remove();
        }
        return next == null ? Long.MAX_VALUE : RETRY_NS;
    }

    /** Tells a server of all of them, ahead of user data: it has none of them, and nobody else does. */
    public void subscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            Allowance allowance = subscription.allowance();
            allowance.onMoved();
            subscribe(subscription, allowance.limit(), outbound);
        }
    }

    /** Tells a server of all of them, ahead of user data, while another one has them. */
    public void subscribeAllToo(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            Allowance allowance = subscription.allowance();
            allowance.onOverlap();
            if (allowance.isWantedThere()) {
                subscribe(subscription, allowance.limitThere(), outbound);
            }
        }
    }

    private static void subscribe(ActiveSubscription subscription, long limit, OutboundBuffer outbound) {
        outbound.urgentSubscribe(subscription.subject(), subscription.queue(), subscription.sid());
        if (!subscription.isActive()) {
            // It ended meanwhile, and its UNSUB may be ahead of this SUB.
            outbound.urgentUnsubscribe(subscription.sid(), Allowance.UNLIMITED);
        } else if (limit != Allowance.UNLIMITED) {
            outbound.urgentUnsubscribe(subscription.sid(), limit);
        }
    }

    /** Tells a server that is being left how much it may still deliver of those that are limited. */
    public void splitLimits(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            long limit = subscription.allowance().split();
            if (limit != Allowance.UNLIMITED) {
                outbound.lastUnsubscribe(subscription.sid(), limit);
            }
        }
    }

    /** The limit for the one server that has a limited subscription. */
    public long limitOf(ActiveSubscription subscription) {
        return subscription.allowance().limit();
    }

    /** One was limited that a server that is being left has, and perhaps a second one already. */
    public void tellLimitInHandover(
            ActiveSubscription subscription, OutboundBuffer leaving, @Nullable OutboundBuffer target) {
        Allowance allowance = subscription.allowance();
        long split = allowance.split();
        leaving.lastUnsubscribe(subscription.sid(), split == Allowance.UNLIMITED ? allowance.limit() : split);
        if (target != null) {
            allowance.splitInOverlap();
            if (allowance.limitThere() != Allowance.UNLIMITED) {
                target.urgentUnsubscribe(subscription.sid(), allowance.limitThere());
            }
        }
    }

    /** The server they moved to is the only one now: it gets what the other one has left of limited ones. */
    public void onOverlapEnded(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            Allowance allowance = subscription.allowance();
            boolean gone = allowance.onOverlapEnded();
            if (allowance.isLimited()) {
                if (gone) {
                    outbound.urgentSubscribe(subscription.subject(), subscription.queue(), subscription.sid());
                }
                outbound.urgentUnsubscribe(subscription.sid(), allowance.limit());
            }
        }
    }

    /** Tells a server that is being left of the end of all of them, behind all user data. */
    public void unsubscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            outbound.lastUnsubscribe(subscription.sid(), Allowance.UNLIMITED);
        }
    }
}
