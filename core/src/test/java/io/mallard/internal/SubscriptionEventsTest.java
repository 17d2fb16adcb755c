package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import io.mallard.PendingOptions;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubscriptionEventsTest {
    private static final long TIMEOUT_NS = 1;

    private final OutboundBuffer left = OutboundBuffer.ofConnection(1_000);
    private final OutboundBuffer next = OutboundBuffer.ofConnection(1_000);
    private final Router router = new Router(Route.offline(left, 100));
    private final SubscriptionRegistry registry = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final EventLoop loop = new EventLoop("events-test", failure -> {});
    private boolean overlapping;
    private final CompletableFuture<Long> unsubscribed = new CompletableFuture<>();
    private final EventLog log = new EventLog();
    private final Counters counters = new Counters();
    private final SubscriptionEvents events = new SubscriptionEvents(
            registry,
            router,
            loop,
            new SubscriptionEvents.Mover() {
                @Override
                public void onUnsubscribed(long sid) {
                    unsubscribed.complete(sid);
                }

                @Override
                public Router routerFor(ActiveSubscription of) {
                    return router;
                }

                @Override
                public void onLimited(ActiveSubscription limited) {}

                @Override
                public boolean isOverlapping() {
                    return overlapping;
                }
            },
            Runnable::run,
            TIMEOUT_NS,
            new ListenerNotifier(new ClientListener() {}, Runnable::run, log),
            log,
            counters);
    private final ActiveSubscription subscription = registry.add("a", "q", message -> {}, Runnable::run, events);

    SubscriptionEventsTest() throws IOException {
        loop.start(new EventLoop.Agent() {
            @Override
            public long onTick(long nowNs) {
                return Long.MAX_VALUE;
            }

            @Override
            public void onEnd() {}
        });
    }

    @AfterEach
    void endLoop() throws InterruptedException {
        loop.close();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    @Test
    void theServerIsToldBeforeUnsubscribeReturns() throws Exception {
        subscription.unsubscribe();

        assertThat(sent(left)).isEqualTo("UNSUB 2\r\n");
        assertThat(subscription.isActive()).isFalse();
        assertThat(unsubscribed.get(10, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(sent(left)).as("once").isEmpty();
    }

    @Test
    void theServerIsToldAfterAMoveThatTookTooLongForTheCaller() throws Exception {
        CompletableFuture<Void> endOfMove = new CompletableFuture<>();
        loop.execute(() -> {
            endOfMove.join();
            router.moveTo(Route.offline(next, 100));
        });
        left.seal();

        subscription.unsubscribe();
        assertThat(subscription.isActive()).isFalse();
        endOfMove.complete(null);

        assertThat(unsubscribed.get(10, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(sent(next)).isEqualTo("UNSUB 2\r\n");
    }

    @Test
    void aSecondUnsubscribeIsNone() throws Exception {
        subscription.unsubscribe();
        unsubscribed.get(10, TimeUnit.SECONDS);
        assertThat(sent(left)).isNotEmpty();

        subscription.unsubscribe();

        assertThat(sent(left)).isEmpty();
    }

    private static String sent(OutboundBuffer outbound) {
        FakeTransport transport = new FakeTransport();
        new SocketWriter(outbound, transport, failure -> {}).flush();
        return transport.takeWritten();
    }
}
