package io.mallard.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final long TIMEOUT_NS = 1_000_000_000;

    private final List<String> steps = new ArrayList<>();
    private final List<String> handled = new ArrayList<>();
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final SubscriptionRegistry registry = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final ActiveSubscription subscription = registry.add(
            "s",
            null,
            message -> handled.add(new String(message.payload(), UTF_8)),
            executor::add,
            new ActiveSubscription.Client() {
                @Override
                public void unsubscribe(ActiveSubscription ended) {}

                @Override
                public void limit(ActiveSubscription limited) {}

                @Override
                public CompletableFuture<Void> drain(ActiveSubscription draining, Duration timeout) {
                    return new CompletableFuture<>();
                }

                @Override
                public void onUsedUp(ActiveSubscription usedUp) {}

                @Override
                public void onDropped(ActiveSubscription slow, int messages, boolean first) {}

                @Override
                public boolean isOnEventLoop() {
                    return false;
                }

                @Override
                public void onHandlerFailure(ActiveSubscription failed, Throwable failure) {}
            });
    private boolean overlapping;
    private boolean connected = true;
    private @Nullable Ping ping;
    private long nowNs;
    private final Drain drain = new Drain(
            subscription,
            new Drain.Client() {
                @Override
                public boolean isOverlapping() {
                    return overlapping;
                }

                @Override
                public boolean unsubscribe(ActiveSubscription told, Ping behind) {
                    steps.add("unsubscribe");
                    ping = behind;
                    return connected;
                }

                @Override
                public void complete(ActiveSubscription complete) {
                    steps.add("complete");
                    registry.complete(complete);
                }

                @Override
                public void abandon(ActiveSubscription abandoned) {
                    steps.add("abandon");
                    abandoned.abandon();
                }
            },
            Runnable::run,
            TIMEOUT_NS,
            nowNs);

    @Test
    void whatIsDroppedByAnEndMeanwhileIsTold() {
        deliver("1");
        deliver("2");
        drain.step(nowNs);
        pong();
        drain.step(nowNs);
        subscription.abandon(); // By its user, or the end of the client.
        drain.step(nowNs);

        assertThat(drain.isOver()).isTrue();
        assertThatThrownBy(() -> drain.drained().getNow(null))
                .hasMessageContaining("2 messages that have arrived were not handled and are dropped");
    }

    @Test
    void whatArrivesUntilTheServerHasAnsweredIsHandled() {
        deliver("before");
        drain.step(nowNs);
        deliver("meanwhile");
        pong();
        drain.step(nowNs);
        deliver("too late");

        assertThat(drain.drained()).isNotDone();
        work();
        drain.step(nowNs);

        assertThat(drain.drained()).isCompleted();
        assertThat(drain.isOver()).isTrue();
        assertThat(handled).containsExactly("before", "meanwhile");
        assertThat(steps).containsExactly("unsubscribe", "complete");
    }

    @Test
    void aHandoverMakesOneStreamOfTwoFirst() {
        overlapping = true;
        drain.step(nowNs);
        assertThat(steps).isEmpty();

        overlapping = false;
        drain.step(nowNs);

        assertThat(steps).containsExactly("unsubscribe");
    }

    @Test
    void withoutAServerNothingMoreCanArrive() {
        connected = false;

        drain.step(nowNs);

        assertThat(steps).containsExactly("unsubscribe", "complete");
        assertThat(drain.drained()).isCompleted();
    }

    @Test
    void aLostConnectionIsAsGoodAsAnAnswer() {
        drain.step(nowNs);

        lose();
        drain.step(nowNs);

        assertThat(drain.drained()).isCompleted();
    }

    @Test
    void theServerItMovesToMeanwhileIsNotToldOfIt() {
        OutboundBuffer next = OutboundBuffer.ofConnection(1_000);
        FakeTransport transport = new FakeTransport();
        registry.subscribeAll(next);
        new SocketWriter(next, transport, failure -> {}).flush();
        assertThat(transport.takeWritten()).isEqualTo("SUB s 2\r\n");

        drain.step(nowNs);
        registry.subscribeAll(next);
        registry.subscribeToo(next, 0, registry.lastSid());
        new SocketWriter(next, transport, failure -> {}).flush();

        assertThat(transport.takeWritten()).isEmpty();
    }

    @Test
    void atItsDeadlineItSaysWhatIsDropped() {
        deliver("1");
        deliver("2");
        drain.step(nowNs);
        pong();
        assertThat(drain.step(nowNs + TIMEOUT_NS - 1)).isPositive();
        assertThat(drain.drained()).isNotDone();

        drain.step(nowNs + TIMEOUT_NS);
        work();

        assertThat(handled).isEmpty();
        assertThat(steps).endsWith("abandon");
        assertThatThrownBy(() -> drain.drained().getNow(null))
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                .hasMessageContaining("2 messages")
                .hasMessageContaining("1000 ms");
    }

    @Test
    void theEndOfTheClientEndsIt() {
        drain.step(nowNs);

        drain.onClientClosed();

        assertThat(drain.isOver()).isTrue();
        assertThatThrownBy(() -> drain.drained().getNow(null))
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
    }

    private void deliver(String payload) {
        subscription.deliver(new NatsMessage("s", null, payload.getBytes(UTF_8), (subject, answer) -> {}));
    }

    private void pong() {
        assertThat(ping).isNotNull();
        ping.onPong();
    }

    private void lose() {
        assertThat(ping).isNotNull();
        ping.onLost();
    }

    private void work() {
        registry.onTick();
        Runnable task;
        while ((task = executor.poll()) != null) {
            task.run();
        }
    }
}
