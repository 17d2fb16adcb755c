package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.ClientListener;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.RequestOptions;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestBuffers;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.request.Requester;
import io.mallard.internal.request.Resender;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ConductorTest {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final long nowNs = System.nanoTime();
    private final EventLoop loop = new EventLoop("never-started", failure -> {});
    private final Router router = new Router(Route.offline(OutboundBuffer.offline(1_000), 100));
    private final RequestTable requests = new RequestTable(
            new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), new Counters(), nowNs);
    private final EventLog log = new EventLog();
    private final Requester requester =
            new Requester(requests, RequestBuffers.of(requests, router), router, loop, Runnable::run, () -> false, log);
    private Runnable onCancel = () -> {};
    private final Conductor conductor = new Conductor(
            loop,
            NatsOptions.builder().servers("nats://127.0.0.1:4222").build(),
            router,
            new SubscriptionRegistry(PendingOptions.DEFAULTS, true),
            requests,
            new Publisher(router, loop, 1_000, full -> {}),
            (address, deadlineNs, caller) -> new Dialer.Attempt() {
                @Override
                public long onTick(long now) {
                    return Long.MAX_VALUE;
                }

                @Override
                public void cancel() {
                    onCancel.run();
                }
            },
            Runnable::run,
            new ListenerNotifier(new ClientListener() {}, Runnable::run, log),
            log,
            new Counters(),
            nowNs);

    ConductorTest() throws IOException {}

    @Test
    void aRequestSentWhileTheClientIsBeingClosedIsEnded() {
        List<CompletableFuture<NatsMessage>> replies = new ArrayList<>();
        onCancel = () -> replies.add(requester.requestAsync("echo", new byte[1], RequestOptions.timeout(FOR_EVER)));
        conductor.onTick(nowNs); // Begins an attempt, which the close gives up.

        conductor.close();

        assertThatThrownBy(() -> replies.get(0).get(0, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
    }
}
