package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.internal.connection.FakeDialer;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestTable;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReconnectLimitTest {
    private static final Duration AT_ONCE = Duration.ofNanos(1);

    private final FakeDialer dialer = new FakeDialer();
    private final EventLoop loop = new EventLoop("never-started", failure -> {});
    private final Router router = new Router(Route.offline(OutboundBuffer.offline(1_000), 100));
    private final Publisher publisher = new Publisher(router, loop, 1_000, full -> {});
    private final List<String> errors = new ArrayList<>();
    private long nowNs = System.nanoTime();

    ReconnectLimitTest() throws IOException {}

    private Conductor conductor(NatsOptions.Builder options) {
        ClientListener listener = new ClientListener() {
            @Override
            public void onError(Throwable error) {
                errors.add(error.getMessage());
            }
        };
        EventLog log = new EventLog();
        Counters counters = new Counters();
        return new Conductor(
                loop,
                options.noRandomize(true)
                        .standbys(0)
                        .reconnectFirstDelay(AT_ONCE)
                        .reconnectMaxDelay(AT_ONCE)
                        .build(),
                router,
                new SubscriptionRegistry(PendingOptions.DEFAULTS, true),
                new RequestTable(
                        new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), counters, nowNs),
                publisher,
                dialer,
                Runnable::run,
                new ListenerNotifier(listener, Runnable::run, log),
                log,
                counters,
                nowNs);
    }

    private void tick(Conductor conductor) {
        nowNs += TimeUnit.SECONDS.toNanos(1);
        conductor.onTick(nowNs);
    }

    private FakePeer connects(Conductor conductor) {
        tick(conductor);
        return dialer.connects("1");
    }

    /** Rounds over one server. */
    private void failRounds(Conductor conductor, int rounds) {
        for (int i = 0; i < rounds; i++) {
            tick(conductor);
            dialer.fails("refused");
            tick(conductor);
        }
    }

    private static NatsOptions.Builder oneServer() {
        return NatsOptions.builder().servers("nats://a:1");
    }

    private boolean isClosed() {
        return publisher.tryPublish("a", null, null, new byte[1], 0, 1) == NatsStatus.CONNECTION_CLOSED;
    }

    @Test
    void closesWhenTheOnlyServerHasFailedAsOftenAsItMay() {
        Conductor conductor = conductor(oneServer().maxReconnectAttempts(2));
        connects(conductor).closes();

        failRounds(conductor, 1);
        assertThat(isClosed()).isFalse();
        failRounds(conductor, 1);

        assertThat(isClosed()).isTrue();
        assertThat(errors.get(0))
                .isEqualTo("the client closes: every server has failed as often as it may"
                        + " (maxReconnectAttempts=2): nats://a:1: refused");
    }

    @Test
    void namesEveryServerWithItsLastFailureWhenItCloses() {
        Conductor conductor = conductor(
                NatsOptions.builder().servers("nats://a:1", "nats://b:2").maxReconnectAttempts(2));
        connects(conductor).closes();

        for (String failure : List.of("b fails once", "a fails once", "b fails twice", "a fails twice")) {
            assertThat(isClosed()).isFalse();
            tick(conductor);
            dialer.fails(failure);
            tick(conductor);
        }

        assertThat(isClosed()).isTrue();
        assertThat(errors.get(0))
                .isEqualTo("the client closes: every server has failed as often as it may"
                        + " (maxReconnectAttempts=2): nats://a:1: a fails twice; nats://b:2: b fails twice");
    }

    @Test
    void triesOnAfterAFirstRoundInVainIfItIsToldTo() {
        Conductor conductor = conductor(oneServer().retryOnInitialConnect(true).maxReconnectAttempts(3));

        failRounds(conductor, 2);
        assertThat(conductor.started()).isCompleted();
        connects(conductor);

        assertThat(conductor.carrierUrl()).isEqualTo("nats://a:1");
    }

    @Test
    void givesUpInVainFirstAttemptsAtTheirLimit() {
        Conductor conductor = conductor(oneServer().retryOnInitialConnect(true).maxReconnectAttempts(3));

        failRounds(conductor, 3);

        assertThat(isClosed()).isTrue();
        assertThat(errors).singleElement().asString().contains("maxReconnectAttempts=3", "nats://a:1: refused");
    }

    @Test
    void doesNotTryOnAtFirstIfItsCredentialsAreRefused() {
        Conductor conductor = conductor(oneServer().retryOnInitialConnect(true));

        tick(conductor);
        dialer.refuses("Authorization Violation");
        tick(conductor);

        assertThat(conductor.started()).isCompletedExceptionally();
    }

    @Test
    void countsAnewAfterEveryConnection() {
        Conductor conductor = conductor(oneServer().maxReconnectAttempts(2));
        connects(conductor).closes();
        failRounds(conductor, 1);

        connects(conductor).closes();
        failRounds(conductor, 1);

        assertThat(isClosed()).isFalse();
        assertThat(errors).isEmpty();
    }

    @Test
    void closesWithoutAnAttemptIfItMayMakeNone() {
        Conductor conductor = conductor(oneServer().maxReconnectAttempts(0));
        FakePeer only = connects(conductor);
        dialer.takeDialled();

        only.closes();
        tick(conductor);

        assertThat(isClosed()).isTrue();
        assertThat(dialer.takeDialled()).isEmpty();
        assertThat(errors).singleElement().asString().contains("maxReconnectAttempts=0", "nats://a:1");
    }

    @Test
    void goesOnForEverUnlessLimited() {
        Conductor conductor = conductor(oneServer());
        connects(conductor).closes();

        failRounds(conductor, 1_000);
        connects(conductor);

        assertThat(isClosed()).isFalse();
        assertThat(errors).isEmpty();
    }
}
