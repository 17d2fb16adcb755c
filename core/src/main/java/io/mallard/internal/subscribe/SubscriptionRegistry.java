package io.mallard.internal.subscribe;

import io.mallard.MessageHandler;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.internal.LongMap;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.Inbox;
import io.mallard.protocol.wire.ProtocolEncoder;
import io.mallard.protocol.wire.Subjects;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
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

    private final PendingOptions limits;
    private final boolean tellsLimits;
    private final LongMap<ActiveSubscription> subscriptions = new LongMap<>();
    private final AtomicLong lastSid = new AtomicLong(Inbox.SID);
    // Owned by the event loop.
    /** Those that have got messages in this turn. */
    private final Queue<ActiveSubscription> gathering = new ArrayDeque<>();
    /** Those whose handler the executor had no thread for. */
    private final Queue<ActiveSubscription> refused = new ArrayDeque<>();
    /** Those that have messages which want an answer from before the mark. */
    private final List<ActiveSubscription> answering = new ArrayList<>();
    /** Those that get nothing more, and whose handler may have something to do yet. */
    private final List<ActiveSubscription> unhandled = new ArrayList<>();
    /** As long as there are no more of them than this, nobody looks whether they are still to be remembered. */
    private int unhandledUnseen = 16;

    /**
     * @param limits of a subscription, unless it is told others
     * @param echo whether the client receives what it publishes itself. If not, some of what a server counts may be
     *     dropped, and a limit told to it would be too low
     */
    public SubscriptionRegistry(PendingOptions limits, boolean echo) {
        this.limits = limits;
        this.tellsLimits = echo;
    }

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
        ActiveSubscription subscription = new ActiveSubscription(
                sid, subject, queue, handler, executor, limits, tellsLimits, client, gathering::add, refused::add);
        subscriptions.put(subscription.sid(), subscription);
        return subscription;
    }

    /** Enters one for a subscriber of Reactive Streams, with limits of its own; {@link #check} comes before it. */
    public FlowSubscription addFlow(
            String subject,
            @Nullable String queue,
            Flow.Subscriber<? super NatsMessage> subscriber,
            Executor executor,
            PendingOptions itsLimits,
            ActiveSubscription.Client client) {
        FlowSubscription subscription = new FlowSubscription(
                lastSid.incrementAndGet(),
                subject,
                queue,
                subscriber,
                executor,
                itsLimits,
                tellsLimits,
                client,
                gathering::add);
        subscriptions.put(subscription.sid(), subscription);
        return subscription;
    }

    /**
     * Enters a subscription without a handler.
     *
     * @throws NatsException INVALID_SUBJECT
     */
    public AskedSubscription addAsked(String subject, @Nullable String queue, ActiveSubscription.Client client) {
        return addAsked(subject, queue, false, client);
    }

    /** Enters one for the replies to a request. */
    public AskedSubscription addOfRequest(String inbox, ActiveSubscription.Client client) {
        return addAsked(inbox, null, true, client);
    }

    private AskedSubscription addAsked(
            String subject, @Nullable String queue, boolean ofRequest, ActiveSubscription.Client client) {
        long sid = lastSid.incrementAndGet();
        check(subject, queue, sid);
        AskedSubscription subscription =
                new AskedSubscription(sid, subject, queue, ofRequest, limits, tellsLimits, client, gathering::add);
        subscriptions.put(subscription.sid(), subscription);
        return subscription;
    }

    /**
     * On the event loop: enters a plain subscription that only this connection will be told of, by the caller. It is none
     * of the business of moves between other ones.
     *
     * @throws NatsException INVALID_SUBJECT
     */
    public ActiveSubscription addOnly(
            OutboundBuffer connection,
            String subject,
            MessageHandler handler,
            Executor executor,
            ActiveSubscription.Client client) {
        ActiveSubscription subscription = add(subject, null, handler, executor, client);
        subscription.onlyOn(connection);
        return subscription;
    }

    /** On the event loop: what that connection alone has is like what all have, when it is left by all. */
    public void joinAll(OutboundBuffer connection) {
        moveOnly(connection, null);
    }

    /**
     * On the event loop: what that connection alone has, and which is lost or left, goes to another one, with a gap;
     * to whichever is told of all next, if there is none.
     *
     * @return whether there is any that still receives
     */
    public boolean moveOnly(OutboundBuffer from, @Nullable OutboundBuffer to) {
        boolean any = false;
        for (ActiveSubscription subscription : subscriptions.values()) {
            if (subscription.onlyOn() == from) {
                any |= !subscription.isDraining();
                subscription.onlyOn(to);
                if (to != null && !subscription.isDraining()) {
                    from.lastUnsubscribe(subscription.sid(), Allowance.UNLIMITED);
                    subscription.allowance().onMoved();
                    subscribe(subscription, subscription.allowance().limit(), to);
                }
            }
        }
        return any;
    }

    /**
     * Refuses what no server takes, whichever sid it may get.
     *
     * @throws NatsException INVALID_SUBJECT
     */
    public static void check(String subject, @Nullable String queue) {
        check(subject, queue, Long.MAX_VALUE);
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
        return remove(subscription, NatsStatus.INVALID_SUBSCRIPTION);
    }

    private boolean remove(ActiveSubscription subscription, NatsStatus why) {
        if (subscriptions.remove(subscription.sid()) == null) {
            return false;
        }
        subscription.end(why);
        return true;
    }

    /** On the event loop: ends a subscription that has had all its messages; false when it has ended before. */
    public boolean complete(ActiveSubscription subscription) {
        if (subscriptions.remove(subscription.sid()) == null) {
            return false;
        }
        subscription.complete();
        if (subscription.hasHandler()) {
            unhandled.add(subscription);
        }
        if (unhandled.size() > unhandledUnseen) {
            unhandledUnseen = 2 * Math.max(8, unhandled().size());
        }
        return true;
    }

    /** On the event loop: those that get nothing more, and whose handler has not returned from all they have got. */
    public List<ActiveSubscription> unhandled() {
        unhandled.removeIf(ActiveSubscription::isHandled);
        return unhandled;
    }

    /** All that have not ended. */
    public List<ActiveSubscription> all() {
        return subscriptions.values();
    }

    /** On the event loop: the client gives up, and will close. */
    public void onFailure(NatsException why) {
        subscriptions.values().forEach(subscription -> subscription.onFailure(why));
    }

    /** The client is closed. */
    public void removeAll() {
        subscriptions.values().forEach(subscription -> remove(subscription, NatsStatus.CONNECTION_CLOSED));
    }

    /** The subscription of that sid; null when it has ended. */
    public @Nullable ActiveSubscription find(long sid) {
        return subscriptions.get(sid);
    }

    /** Those to that subject in that group, or only the one of that sid if it is not 0. */
    public List<ActiveSubscription> find(String subject, @Nullable String queue, long sid) {
        List<ActiveSubscription> found = subscriptions.values();
        found.removeIf(subscription -> !subscription.subject().equals(subject)
                || (sid == 0 ? !Objects.equals(subscription.queue(), queue) : subscription.sid() != sid));
        return found;
    }

    /** The highest sid given so far. */
    public long lastSid() {
        return lastSid.get();
    }

    /** Remembers which messages have arrived that want an answer. */
    public void markAnswers() {
        answering.clear();
        for (ActiveSubscription subscription : subscriptions.values()) {
            subscription.markAnswers();
            if (subscription.isAnswering()) {
                answering.add(subscription);
            }
        }
    }

    public boolean isEmpty() {
        return subscriptions.size() == 0;
    }

    /** Whether any belongs to a queue group. */
    public boolean hasQueueGroup() {
        return subscriptions.values().stream().anyMatch(subscription -> subscription.queue() != null);
    }

    /** Whether a handler is still to deal with one of those remembered. */
    public boolean isAnswering() {
        answering.removeIf(subscription -> !subscription.isAnswering());
        return !answering.isEmpty();
    }

    /**
     * Hands to the handlers what this turn has brought, and asks the executor again that had no thread for some of them;
     * returns the nanoseconds until it wants to be called again.
     */
    public long onTick() {
        ActiveSubscription next;
        while ((next = gathering.poll()) != null) {
            next.handOver();
        }
        while ((next = refused.peek()) != null && next.retry()) {
            refused.remove();
        }
        return next == null ? Long.MAX_VALUE : RETRY_NS;
    }

    /** Tells a server of all of them, ahead of user data: it has none of them, and nobody else does. */
    public void subscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            if (subscription.onlyOn() != null) {
                continue;
            }
            Allowance allowance = subscription.allowance();
            allowance.onMoved();
            if (!subscription.isDraining()) {
                subscribe(subscription, allowance.limit(), outbound);
            }
        }
    }

    /** Those behind {@code firstSid} up to {@code lastSid}, which one server has and which move to another one. */
    private List<ActiveSubscription> between(long firstSid, long lastSid) {
        List<ActiveSubscription> moving = subscriptions.values();
        moving.removeIf(subscription -> subscription.sid() <= firstSid
                || subscription.sid() > lastSid
                || subscription.isDraining()
                || subscription.onlyOn() != null);
        return moving;
    }

    /**
     * Tells a server that is being left how much it may still deliver of those that are limited; false if there are none.
     */
    public boolean splitLimits(OutboundBuffer outbound, long firstSid, long lastSid) {
        boolean any = false;
        for (ActiveSubscription subscription : between(firstSid, lastSid)) {
            long limit = subscription.allowance().split();
            if (limit != Allowance.UNLIMITED) {
                outbound.lastUnsubscribe(subscription.sid(), limit);
                any = true;
            }
        }
        return any;
    }

    /** Tells a server of them, ahead of user data, while another one has them. */
    public void subscribeToo(OutboundBuffer outbound, long firstSid, long lastSid) {
        for (ActiveSubscription subscription : between(firstSid, lastSid)) {
            Allowance allowance = subscription.allowance();
            if (allowance.onOverlap()) {
                subscribe(subscription, allowance.limitThere(), outbound);
            }
        }
    }

    /** The server they moved to is the only one now: it gets what the other one has left of limited ones. */
    public void onOverlapEnded(OutboundBuffer outbound, long firstSid, long lastSid) {
        for (ActiveSubscription subscription : between(firstSid, lastSid)) {
            Allowance allowance = subscription.allowance();
            boolean gone = allowance.onOverlapEnded();
            if (gone) {
                subscribe(subscription, allowance.limit(), outbound);
            } else if (allowance.isShared()) {
                outbound.urgentUnsubscribe(subscription.sid(), allowance.limit());
            }
        }
    }

    /** No copies are dropped any more: the server may know how many messages plain ones are limited to. */
    public void onMergeOver(OutboundBuffer outbound, long firstSid, long lastSid) {
        for (ActiveSubscription subscription : between(firstSid, lastSid)) {
            Allowance allowance = subscription.allowance();
            if (allowance.isServersBusiness() && !allowance.isShared()) {
                outbound.urgentUnsubscribe(subscription.sid(), allowance.limit());
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

    /** What the one server that has a subscription is to be told of its limit; 0 for nothing. */
    public long limitOf(ActiveSubscription subscription) {
        return subscription.allowance().limit();
    }

    /** One was limited that a server that is being left has, and perhaps a second one already. */
    public void tellLimitInHandover(
            ActiveSubscription subscription, OutboundBuffer leaving, @Nullable OutboundBuffer target) {
        Allowance allowance = subscription.allowance();
        if (!allowance.isShared()) {
            return; // The other server will be told when there are no copies any more.
        }
        if (target == null) {
            leaving.lastUnsubscribe(subscription.sid(), allowance.split());
        } else {
            allowance.splitInOverlap();
            leaving.lastUnsubscribe(subscription.sid(), allowance.split());
            target.urgentUnsubscribe(subscription.sid(), allowance.limitThere());
        }
    }

    /** Tells a server that is being left of the end of all of them, behind all user data. */
    public void unsubscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            outbound.lastUnsubscribe(subscription.sid(), Allowance.UNLIMITED);
        }
    }
}
