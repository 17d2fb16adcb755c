package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.request.Requester;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Acts on what happens to subscriptions: tells the servers of their end, and the user of their trouble.
 *
 * <p>Threading: safe from any thread, except {@link #onTick} and {@link #onEnd}, which are the event loop's.
 */
public final class SubscriptionEvents implements ActiveSubscription.Client, ClientDrain.Subscriptions {
    /** What subscriptions need from whoever moves them between servers. Called on the event loop. */
    public interface Mover {
        /** The subscription with that sid has ended. */
        void onUnsubscribed(long sid);

        /** Where commands about that subscription go: to the one connection that has it, or with the traffic. */
        Router routerFor(ActiveSubscription subscription);

        /** The number of messages of that subscription was limited. */
        void onLimited(ActiveSubscription subscription);

        /** Whether subscriptions are on two servers, or about to be. */
        boolean isOverlapping();
    }

    private final SubscriptionRegistry subscriptions;
    private final Router router;
    private final EventLoop loop;
    private final Mover mover;
    private final Executor executor;
    private final long timeoutNs;
    private final ListenerNotifier listener;
    private final EventLog log;
    private final Counters counters;
    // Owned by the event loop.
    private final List<Drain> drains = new ArrayList<>();

    /**
     * @param executor completes futures, and is not the user's: handlers may wait for them
     * @param timeoutNs how long a caller waits for a move of the traffic
     */
    public SubscriptionEvents(
            SubscriptionRegistry subscriptions,
            Router router,
            EventLoop loop,
            Mover mover,
            Executor executor,
            long timeoutNs,
            ListenerNotifier listener,
            EventLog log,
            Counters counters) {
        this.subscriptions = subscriptions;
        this.router = router;
        this.loop = loop;
        this.mover = mover;
        this.executor = executor;
        this.timeoutNs = timeoutNs;
        this.listener = listener;
        this.log = log;
        this.counters = counters;
    }

    @Override
    public void unsubscribe(ActiveSubscription subscription) {
        if (!subscriptions.remove(subscription)) {
            subscription.abandon(); // What it had got before it ended by itself.
            return;
        }
        long sid = subscription.sid();
        boolean told = unsubscribe(router, sid, timeoutNs);
        try {
            loop.execute(() -> {
                if (!told || subscription.onlyOn() != null) {
                    unsubscribe(mover.routerFor(subscription), sid, 0); // The loop makes the moves: none is under way.
                }
                mover.onUnsubscribed(sid);
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
            mover.onLimited(subscription);
        }
    }

    @Override
    public CompletableFuture<Void> drain(ActiveSubscription subscription, Duration timeout) {
        Drain drain = new Drain(subscription, drainClient, executor, Requester.boundedNs(timeout), System.nanoTime());
        try {
            loop.execute(() -> {
                subscription.beginsToEnd();
                drains.add(drain);
            });
        } catch (RejectedExecutionException e) {
            drain.onClientClosed();
        }
        return drain.drained();
    }

    @Override
    public boolean drainAll(long nowNs) {
        boolean requested = false;
        for (ActiveSubscription subscription : subscriptions.all()) {
            if (subscription.isOfRequest()) {
                requested = true; // Until it has its replies.
            } else if (subscription.beginsToEnd()) {
                drains.add(new Drain(subscription, drainClient, executor, ClientDrain.NO_LIMIT_NS, nowNs));
            }
        }
        return !requested && drains.isEmpty() && subscriptions.unhandled().isEmpty();
    }

    @Override
    public ClientDrain.Left abandonAll() {
        List<ActiveSubscription> left = new ArrayList<>(subscriptions.all());
        left.addAll(subscriptions.unhandled());
        long messages = 0;
        for (ActiveSubscription subscription : left) {
            messages += subscription.pendingMessages();
            unsubscribe(subscription);
            subscription.abandon();
        }
        return new ClientDrain.Left(left.size(), messages);
    }

    private final Drain.Client drainClient = new Drain.Client() {
        @Override
        public boolean isOverlapping() {
            return mover.isOverlapping();
        }

        @Override
        public boolean unsubscribe(ActiveSubscription subscription, Ping behind) {
            Router way = mover.routerFor(subscription);
            if (way.current().kind() != Route.Kind.CONNECTED) {
                return false;
            }
            SubscriptionEvents.unsubscribe(way, subscription.sid(), 0);
            way.append(outbound -> outbound.ping(behind), System.nanoTime()); // The loop makes the moves.
            return true;
        }

        @Override
        public void complete(ActiveSubscription subscription) {
            subscriptions.complete(subscription);
        }

        @Override
        public void abandon(ActiveSubscription subscription) {
            SubscriptionEvents.this.unsubscribe(subscription);
            subscription.abandon();
        }
    };

    /** Advances what is being drained; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        long waitNs = Long.MAX_VALUE;
        if (drains.isEmpty()) {
            return waitNs; // In every turn of the loop: without an iterator.
        }
        for (Drain drain : drains) {
            waitNs = Math.min(waitNs, drain.step(nowNs));
        }
        drains.removeIf(Drain::isOver);
        return waitNs;
    }

    /** The client is closed. */
    public void onEnd() {
        drains.forEach(Drain::onClientClosed);
        drains.clear();
    }

    @Override
    public void onUsedUp(ActiveSubscription subscription) {
        if (subscriptions.complete(subscription)) {
            unsubscribe(mover.routerFor(subscription), subscription.sid(), 0);
            mover.onUnsubscribed(subscription.sid());
        }
    }

    /** Whether the server is told; not if the client is closed, or a move takes too long. */
    private static boolean unsubscribe(Router way, long sid, long waitNs) {
        try {
            way.append(outbound -> outbound.unsubscribe(sid, 0), System.nanoTime() + waitNs);
            return true;
        } catch (NatsException e) {
            return false;
        }
    }

    @Override
    public void onDropped(ActiveSubscription subscription, int messages, boolean first) {
        counters.messagesDropped.addAndGet(messages);
        if (first) {
            counters.slowConsumers.incrementAndGet();
            log.slowConsumer(subscription, subscription.subject());
            listener.tell(l -> l.onSlowConsumer(subscription));
        }
    }

    @Override
    public boolean isOnEventLoop() {
        return loop.inLoop();
    }

    @Override
    public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {
        log.handlerFailed(subscription, failure);
        listener.tell(l -> l.onError(failure));
    }
}
