package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.route.Router;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Acts on what happens to subscriptions: tells the servers of their end, and the user of their trouble.
 *
 * <p>Threading: safe from any thread.
 */
public final class SubscriptionEvents implements ActiveSubscription.Client {
    private final SubscriptionRegistry subscriptions;
    private final Router router;
    private final EventLoop loop;
    private final LongConsumer onUnsubscribed;
    private final Consumer<ActiveSubscription> onLimited;
    private final long timeoutNs;
    private final ListenerNotifier listener;
    private final EventLog log;

    /**
     * @param onUnsubscribed told on the loop of the sid of each subscription that has ended
     * @param onLimited told on the loop of each subscription whose number of messages was limited
     * @param timeoutNs how long a caller waits for a move of the traffic
     */
    public SubscriptionEvents(
            SubscriptionRegistry subscriptions,
            Router router,
            EventLoop loop,
            LongConsumer onUnsubscribed,
            Consumer<ActiveSubscription> onLimited,
            long timeoutNs,
            ListenerNotifier listener,
            EventLog log) {
        this.subscriptions = subscriptions;
        this.router = router;
        this.loop = loop;
        this.onUnsubscribed = onUnsubscribed;
        this.onLimited = onLimited;
        this.timeoutNs = timeoutNs;
        this.listener = listener;
        this.log = log;
    }

    @Override
    public void unsubscribe(ActiveSubscription subscription) {
        if (!subscriptions.remove(subscription)) {
            return;
        }
        long sid = subscription.sid();
        boolean told = unsubscribe(sid, timeoutNs);
        try {
            loop.execute(() -> {
                if (!told) {
                    unsubscribe(sid, 0); // The loop makes the moves, so none is under way here.
                }
                onUnsubscribed.accept(sid);
            });
        } catch (RejectedExecutionException e) {
            // The client is closed, and with it the subscription.
        }
    }

    @Override
    public void limit(ActiveSubscription subscription) {
        if (loop.inLoop()) {
            limitInLoop(subscription);
            return;
        }
        // Waits, so that the server has the limit before whatever the caller publishes next.
        CompletableFuture<Void> told = new CompletableFuture<>();
        try {
            loop.execute(() -> {
                limitInLoop(subscription);
                told.complete(null);
            });
            told.get(timeoutNs, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The client is closed, and with it the subscription.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new NatsException(NatsStatus.TIMEOUT, "the limit was not set in time, it will be", e);
        }
    }

    private void limitInLoop(ActiveSubscription subscription) {
        subscription.endIfUsedUp();
        if (subscription.isActive()) {
            onLimited.accept(subscription);
        }
    }

    @Override
    public void onUsedUp(ActiveSubscription subscription) {
        if (subscriptions.complete(subscription)) {
            unsubscribe(subscription.sid(), 0);
            onUnsubscribed.accept(subscription.sid());
        }
    }

    /** Whether the server is told; not if the client is closed, or a move takes too long. */
    private boolean unsubscribe(long sid, long waitNs) {
        try {
            router.append(outbound -> outbound.unsubscribe(sid, 0), System.nanoTime() + waitNs);
            return true;
        } catch (NatsException e) {
            return false;
        }
    }

    @Override
    public void onSlowConsumer(ActiveSubscription subscription) {
        log.slowConsumer(subscription);
        listener.tell(l -> l.onSlowConsumer(subscription));
    }

    @Override
    public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {
        log.handlerFailed(subscription, failure);
        listener.tell(l -> l.onError(failure));
    }
}
