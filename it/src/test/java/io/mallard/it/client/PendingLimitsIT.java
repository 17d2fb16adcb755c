package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.PendingPolicy;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers that are too slow for what raw sockets publish. */
@NoLeaks
class PendingLimitsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    /** How many messages the slow handler may handle. */
    private final Semaphore allowed = new Semaphore(0);

    private final List<Long> handled = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @AfterEach
    void endHandlers() {
        allowed.release(1 << 20);
    }

    private NatsOptions.Builder options() {
        return NatsOptions.builder().servers(server.url()).listener(events);
    }

    private void handleSlowly(NatsMessage message) throws InterruptedException {
        handled.add(Long.parseLong(new String(message.payload(), US_ASCII).strip()));
        assertThat(allowed.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    }

    /** With a handler that holds one message already, number 0, so that nothing else has been begun with. */
    private Subscription stuck(NatsClient client, RawNats peer) {
        Subscription subscription = client.subscribe("p.slow", this::handleSlowly);
        client.flush(TIMEOUT);
        publish(client, peer, 0, 0);
        Eventually.eventually("the handler to be stuck", () -> handled.size() == 1);
        return subscription;
    }

    /** When it returns, the client has got them. */
    private static void publish(NatsClient client, RawNats peer, long first, long last) {
        LongStream.rangeClosed(first, last).forEach(i -> peer.publish("p.slow", Numbers.payload(i)));
        peer.ping();
        client.flush(TIMEOUT);
    }

    private void handleTheRest(Subscription subscription) {
        allowed.release(1 << 20);
        Eventually.eventually("the rest", () -> subscription.pendingMessages() == 0);
    }

    private static List<Long> numbers(long... ranges) {
        LongStream all = LongStream.empty();
        for (int i = 0; i < ranges.length; i += 2) {
            all = LongStream.concat(all, LongStream.rangeClosed(ranges[i], ranges[i + 1]));
        }
        return all.boxed().toList();
    }

    @Test
    void dropsTheNewOnesUnlessToldOtherwise() {
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options().maxPendingMessages(10))) {
            Subscription subscription = stuck(client, peer);

            publish(client, peer, 1, 30);

            assertThat(subscription.pendingMessages()).isEqualTo(10);
            assertThat(subscription.pendingBytes()).isEqualTo(9 + 2);
            assertThat(subscription.droppedMessages()).isEqualTo(20);
            assertThat(client.metrics().messagesDropped()).isEqualTo(20);
            handleTheRest(subscription);
            assertThat(handled).isEqualTo(numbers(0, 10));
        }
    }

    @Test
    void dropsTheOldOnesIfToldTo() {
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client =
                        clients.connect(options().maxPendingMessages(10).pendingPolicy(PendingPolicy.DROP_OLD))) {
            Subscription subscription = stuck(client, peer);

            publish(client, peer, 1, 30);

            assertThat(subscription.pendingMessages()).isEqualTo(10);
            assertThat(subscription.droppedMessages()).isEqualTo(20);
            assertThat(client.metrics().messagesDropped()).isEqualTo(20);
            handleTheRest(subscription);
            assertThat(handled).isEqualTo(numbers(0, 0, 21, 30));
            events.await(Kind.SLOW_CONSUMER);
            assertThat(events.of(Kind.SLOW_CONSUMER)).hasSize(1);
        }
    }

    @Test
    void bytesAreALimitOfTheirOwn() {
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options().maxPendingBytes(100))) {
            Subscription subscription = stuck(client, peer);

            for (int i = 1; i <= 5; i++) {
                peer.publish("p.slow", String.format("%30d", i).getBytes(US_ASCII));
            }
            peer.ping();
            client.flush(TIMEOUT);

            assertThat(subscription.pendingMessages()).isEqualTo(3);
            assertThat(subscription.pendingBytes()).isEqualTo(90);
            assertThat(subscription.droppedMessages()).isEqualTo(2);
            subscription.setPendingLimits(1_000, 100, PendingPolicy.DROP_OLD);
            peer.publish("p.slow", String.format("%60d", 6).getBytes(US_ASCII));
            peer.ping();
            client.flush(TIMEOUT);
            assertThat(subscription.pendingBytes()).isEqualTo(90);
            assertThat(subscription.droppedMessages()).isEqualTo(4);
            handleTheRest(subscription);
            assertThat(handled).containsExactly(0L, 3L, 6L);
        }
    }

    @Test
    void anEpisodeIsToldOfOnceAndTheNextOneAgain() {
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options().maxPendingMessages(10))) {
            Subscription subscription = stuck(client, peer);
            publish(client, peer, 1, 20);
            publish(client, peer, 21, 30);
            events.await(Kind.SLOW_CONSUMER);

            allowed.release(2);
            Eventually.eventually("room for two", () -> handled.size() == 3);
            publish(client, peer, 31, 40);
            assertThat(subscription.droppedMessages()).isEqualTo(20 + 8);
            assertThat(events.of(Kind.SLOW_CONSUMER))
                    .as("no recovery: it never was half empty")
                    .hasSize(1);

            allowed.release(10);
            Eventually.eventually("recovery", () -> handled.size() == 13);
            publish(client, peer, 41, 60);

            events.await(Kind.SLOW_CONSUMER, 1);
            assertThat(subscription.droppedMessages()).isEqualTo(20 + 8 + 10);
            handleTheRest(subscription);
            assertThat(events.of(Kind.SLOW_CONSUMER)).hasSize(2);
        }
    }

    @Test
    void limitsChangedAtRunTimeHoldFromTheNextMessageOn() {
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options())) {
            Subscription subscription = stuck(client, peer);
            publish(client, peer, 1, 20);
            assertThat(subscription.droppedMessages()).isZero();

            subscription.setPendingLimits(10, 1 << 20);
            assertThat(subscription.pendingMessages()).as("what waits stays").isEqualTo(20);
            publish(client, peer, 21, 25);
            assertThat(subscription.droppedMessages()).isEqualTo(5);
            subscription.setPendingLimits(30, 1 << 20);
            publish(client, peer, 26, 35);
            assertThat(subscription.droppedMessages()).isEqualTo(5);

            handleTheRest(subscription);
            assertThat(handled).isEqualTo(numbers(0, 20, 26, 35));
        }
    }

    @Test
    void limitsThatAreNoneAreRefused() {
        try (NatsClient client = clients.connect(options())) {
            Subscription subscription = client.subscribe("p", message -> {});
            assertThatThrownBy(() -> subscription.setPendingLimits(0, 1))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_ARG));
            assertThatThrownBy(() -> subscription.setPendingLimits(1, 0, PendingPolicy.DROP_OLD))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_ARG));
        }
    }

    /** A server that closes every connection that does not answer two PINGs in a row, 100 ms apart. */
    @ParameterizedTest
    @EnumSource
    void delaysNeitherAnotherSubscriptionNorAPong(PendingPolicy policy) {
        NatsServerConfig impatient = NatsServerConfig.builder()
                .extra("ping_interval: \"100ms\"\nping_max: 2")
                .build();
        Numbers quick = new Numbers();
        try (NatsServer hasty = NatsServer.start(impatient);
                RawNats peer = RawNats.connect(hasty.url(), message -> {});
                NatsClient client = clients.connect(options()
                        .servers(hasty.url())
                        .name("slow one")
                        .maxPendingMessages(10)
                        .pendingPolicy(policy))) {
            Subscription subscription = stuck(client, peer);
            client.subscribe("p.quick", message -> quick.add(message.payload()));
            client.flush(TIMEOUT);
            try (Load flood = Load.start(1, 20_000, number -> {
                        peer.publish("p.slow", Numbers.payload(number));
                        peer.flush();
                    });
                    Load trickle = Load.start(1, 100, number -> {
                        peer.publish("p.quick", Numbers.payload(number));
                        peer.flush();
                    })) {
                Eventually.eventually("two seconds of it", () -> trickle.count() > 200);
                flood.stop();
                long published = trickle.stop();
                Eventually.eventually("every quick one", () -> quick.count() == published);
                assertThat(quick.received()).isSorted();
            }

            assertThat(subscription.droppedMessages()).as("the fault").isGreaterThan(1_000);
            assertThat(handled).as("the fault: it is stuck").hasSize(1);
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
            assertThat(hasty.log()).noneMatch(line -> line.contains("Stale"));
            assertThat(hasty.monitoring("/connz").toString()).contains("\"slow one\"");
            assertThat(events.of(Kind.SLOW_CONSUMER)).hasSize(1);
            allowed.release(1 << 20);
        }
    }

    @Test
    void theOldOnesAreDroppedInTheMiddleOfAMergeToo() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(1)));
            client.subscribe("h", scenario.to(receiver));
            List<String> slowly = new CopyOnWriteArrayList<>();
            Subscription slow = client.subscribe("h", message -> {
                if (message.payload().length > 0) {
                    slowly.add(new String(message.payload(), US_ASCII));
                    assertThat(allowed.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
                }
            });
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 1_000);
            load.awaitMore(100);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the other server to have it too", () -> scenario.hasSubscription(1, "h"));
            slow.setPendingLimits(10, 1 << 20, PendingPolicy.DROP_OLD);
            scenario.events.await(Kind.SLOW_CONSUMER);
            assertThat(client.isInLameDuckMode())
                    .as("still in the middle of it")
                    .isTrue();
            scenario.events.awaitReport(0);

            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(slow.pendingMessages()).isEqualTo(10);
            allowed.release(1 << 20);
            Eventually.eventually("the rest", () -> slow.pendingMessages() == 0);
            long last = publisher.sent();
            Eventually.eventually(
                    "the newest ten",
                    () -> slowly.stream()
                            .skip(slowly.size() - 10L)
                            .map(text -> Long.parseLong(text.substring(text.indexOf(':') + 1)))
                            .toList()
                            .equals(numbers(last - 9, last)));
        }
    }
}
