package io.mallard.internal.subscribe;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A client that does nothing about its subscriptions. */
public final class NoClient implements ActiveSubscription.Client {
    @Override
    public void unsubscribe(ActiveSubscription subscription) {}

    @Override
    public void limit(ActiveSubscription subscription) {}

    @Override
    public CompletableFuture<Void> drain(ActiveSubscription subscription, Duration timeout) {
        return new CompletableFuture<>();
    }

    @Override
    public void onUsedUp(ActiveSubscription subscription) {}

    @Override
    public void onDropped(ActiveSubscription subscription, int messages, boolean first) {}

    @Override
    public boolean isOnEventLoop() {
        return false;
    }

    @Override
    public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {}
}
