package io.mallard.internal.subscribe;

import io.mallard.MessageHandler;
import io.mallard.internal.LongMap;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.Inbox;
import io.mallard.protocol.wire.MessageView;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one client, which outlive its connections: the same sid on every one of them.
 *
 * <p>A subscription enters here before its SUB enters an outbound buffer. So whoever seals a buffer and then reads this
 * registry sees every subscription whose SUB went into that buffer.
 *
 * <p>Threading: safe from any thread; {@link #deliver} on the event loop.
 */
public final class SubscriptionRegistry {
    private final LongMap<ActiveSubscription> subscriptions = new LongMap<>();
    private final AtomicLong lastSid = new AtomicLong(Inbox.SID);

    public ActiveSubscription add(
            String subject,
            @Nullable String queue,
            MessageHandler handler,
            Executor executor,
            ActiveSubscription.Client client) {
        ActiveSubscription subscription =
                new ActiveSubscription(lastSid.incrementAndGet(), subject, queue, handler, executor, client);
        subscriptions.put(subscription.sid(), subscription);
        return subscription;
    }

    /** Ends a subscription; false when it has ended before. */
    public boolean remove(ActiveSubscription subscription) {
        if (subscriptions.remove(subscription.sid()) == null) {
            return false;
        }
        subscription.end();
        return true;
    }

    public void removeAll() {
        subscriptions.values().forEach(this::remove);
    }

    public void deliver(MessageView message) {
        ActiveSubscription subscription = subscriptions.get(message.sid());
        if (subscription != null) { // Otherwise it was on its way when its subscription ended.
            subscription.deliver(message);
        }
    }

    /** Tells a server of all of them, ahead of user data. One it knows already is not doubled by that. */
    public void subscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            outbound.urgentSubscribe(subscription.subject(), subscription.queue(), subscription.sid());
            if (!subscription.isActive()) {
                // It ended meanwhile, and its UNSUB may be ahead of this SUB.
                outbound.urgentUnsubscribe(subscription.sid());
            }
        }
    }

    /** Tells a server that is being left of the end of all of them, behind all user data. */
    public void unsubscribeAll(OutboundBuffer outbound) {
        for (ActiveSubscription subscription : subscriptions.values()) {
            outbound.lastUnsubscribe(subscription.sid());
        }
    }
}
