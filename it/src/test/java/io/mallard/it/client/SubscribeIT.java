package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class SubscribeIT {
    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    private NatsClient client;
    private RawNats peer;

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void connect() {
        client = clients.connect(NatsOptions.builder().servers(server.url()).listener(events));
        peer = RawNats.connect(server.url(), message -> {});
    }

    @AfterEach
    void close() {
        client.close();
        peer.close();
    }

    @Test
    void aDrainedMemberHandlesAllItWasGivenAndTheRestGoesToTheOthers() throws Exception {
        int count = 20_000;
        AtomicInteger own = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(1);
        Subscription member = client.subscribe("s.drain", "g", message -> {
            assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
            own.incrementAndGet();
        });
        NatsClient other = clients.connect(server.url());
        other.subscribe("s.drain", "g", message -> others.incrementAndGet());
        client.flush(Duration.ofSeconds(5));
        other.flush(Duration.ofSeconds(5));
        for (int i = 0; i < count; i++) {
            peer.publish("s.drain", new byte[16]);
        }
        peer.flush();
        Eventually.eventually("much to wait", () -> member.pendingMessages() > 100);

        CompletableFuture<Void> drained = member.drain(Duration.ofSeconds(10));
        full.countDown();
        drained.get(10, TimeUnit.SECONDS);

        int handled = own.get();
        Eventually.eventually("every message", () -> own.get() + others.get() == count);
        assertThat(own).as("nothing comes after the end").hasValue(handled);
        other.close();
        assertThat(others).as("the rest").hasPositiveValue();
        assertThat(member.isActive()).isFalse();
        assertThat(member.droppedMessages()).isZero();
    }

    @Test
    void aHandlerMayDrainItsOwnSubscription() throws Exception {
        CompletableFuture<CompletableFuture<Void>> drain = new CompletableFuture<>();
        AtomicInteger handled = new AtomicInteger();
        CompletableFuture<Subscription> self = new CompletableFuture<>();
        self.complete(client.subscribe("s.drain", message -> {
            handled.incrementAndGet();
            drain.complete(self.get().drain(Duration.ofSeconds(5)));
        }));
        client.flush(Duration.ofSeconds(5));

        peer.publish("s.drain", new byte[0]);
        peer.flush();
        drain.get(5, TimeUnit.SECONDS).get(5, TimeUnit.SECONDS);

        peer.publish("s.drain", new byte[0]);
        peer.ping();
        client.flush(Duration.ofSeconds(5));
        assertThat(handled).hasValue(1);
    }

    @Test
    void aHandlerThatNeverReturnsEndsTheDrainAtItsTimeout() throws Exception {
        CountDownLatch awake = new CountDownLatch(1);
        try {
            Subscription stuck = client.subscribe("s.drain", message -> {
                boolean inTime = awake.await(10, TimeUnit.SECONDS);
                assertThat(inTime).isTrue();
            });
            client.flush(Duration.ofSeconds(5));
            peer.publish("s.drain", new byte[0]);
            peer.publish("s.drain", new byte[0]);
            peer.flush();
            Eventually.eventually("one to wait", () -> stuck.pendingMessages() == 1);

            assertThatThrownBy(() -> stuck.drain(Duration.ofMillis(100)).get(5, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                    .hasMessageContaining("100 ms")
                    .hasMessageContaining("1 messages");
            assertThat(stuck.isActive()).isFalse();
        } finally {
            awake.countDown();
        }
    }

    /** Its process stands still; the connection stays. */
    @Test
    void aServerThatAnswersNothingEndsTheDrainAtItsTimeout() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        try (NatsServer frozen = NatsServer.startDefault();
                RawNats publisher = RawNats.connect(frozen.url(), message -> {});
                NatsClient of = clients.connect(
                        NatsOptions.builder().servers(frozen.url()).flushTimeout(Duration.ofMillis(100)))) {
            Subscription subscription = of.subscribe("s.drain", message -> handled.incrementAndGet());
            of.flush(Duration.ofSeconds(5));
            publisher.publish("s.drain", new byte[0]);
            publisher.ping();
            Eventually.eventually("what arrives before", () -> handled.get() == 1);
            frozen.pause();
            long beganNs = System.nanoTime();

            assertThatThrownBy(() -> subscription.drain(Duration.ofMillis(200)).get(5, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                    .hasMessageContaining("0 messages");

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                    .isBetween(Duration.ofMillis(200), Eventually.LONG);
            assertThat(subscription.isActive()).isFalse();
            frozen.resume();
            of.flush(Duration.ofSeconds(5));
            assertThat(frozen.monitoring("/subsz?subs=true").toString()).doesNotContain("\"s.drain\"");
        }
    }

    @Test
    void withoutAServerADrainEndsWhenWhatHasArrivedIsHandled() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger handled = new AtomicInteger();
        try (NatsServer dying = NatsServer.startDefault();
                RawNats publisher = RawNats.connect(dying.url(), message -> {});
                NatsClient of = clients.connect(
                        NatsOptions.builder().servers(dying.url()).listener(events))) {
            Subscription subscription = of.subscribe("s.drain", message -> {
                assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
                handled.incrementAndGet();
            });
            of.flush(Duration.ofSeconds(5));
            for (int i = 0; i < 10; i++) {
                publisher.publish("s.drain", new byte[0]);
            }
            publisher.ping();
            of.flush(Duration.ofSeconds(5));
            dying.kill();
            events.await(Kind.DISCONNECTED);

            CompletableFuture<Void> drained = subscription.drain(Duration.ofSeconds(10));
            Eventually.eventually("nothing to come any more", () -> !subscription.isActive());
            assertThat(drained).isNotDone();
            goOn.countDown();

            drained.get(10, TimeUnit.SECONDS);
            assertThat(handled).hasValue(10);
        }
    }

    @Test
    void deliversWhatMatchesAndNothingElse() throws InterruptedException {
        BlockingQueue<NatsMessage> exact = new LinkedBlockingQueue<>();
        BlockingQueue<NatsMessage> token = new LinkedBlockingQueue<>();
        BlockingQueue<NatsMessage> rest = new LinkedBlockingQueue<>();
        client.subscribe("s.a.b", exact::add);
        client.subscribe("s.*.b", token::add);
        client.subscribe("s.a.>", rest::add);
        client.flush(Eventually.LONG);

        peer.publish("s.a.b", "answer.here", "1".getBytes(UTF_8));
        peer.publish("s.x.b", "2".getBytes(UTF_8));
        peer.publish("s.a.b.c", "3".getBytes(UTF_8));
        peer.publish("s.a", "4".getBytes(UTF_8));
        peer.ping();
        client.flush(Eventually.LONG);

        NatsMessage first = exact.poll(Eventually.LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(first.subject()).isEqualTo("s.a.b");
        assertThat(first.reply()).isEqualTo("answer.here");
        assertThat(first.payload()).isEqualTo("1".getBytes(UTF_8));
        assertThat(exact).isEmpty();
        Eventually.eventually("the wildcards' messages", () -> token.size() == 2 && rest.size() == 2);
        assertThat(token).extracting(NatsMessage::subject).containsExactly("s.a.b", "s.x.b");
        assertThat(rest).extracting(NatsMessage::subject).containsExactly("s.a.b", "s.a.b.c");
        assertThat(rest).extracting(NatsMessage::reply).containsExactly("answer.here", null);
    }

    @Test
    void givesEachMessageToOneMemberOfAQueueGroup() {
        Numbers mine = new Numbers();
        Numbers others = new Numbers();
        try (NatsClient other = clients.connect(server.url())) {
            Subscription member = client.subscribe("q.>", "workers", message -> mine.add(message.payload()));
            other.subscribe("q.>", "workers", message -> others.add(message.payload()));
            client.flush(Eventually.LONG);
            other.flush(Eventually.LONG);
            assertThat(member.queue()).isEqualTo("workers");

            for (int i = 1; i <= 2000; i++) {
                peer.publish("q.work", Numbers.payload(i));
            }
            peer.ping();

            Eventually.eventually("all of them", () -> mine.count() + others.count() >= 2000);
            client.flush(Eventually.LONG);
            other.flush(Eventually.LONG);
            assertThat(mine.count()).isBetween(1, 1999);
            assertThat(mine.count() + others.count()).isEqualTo(2000);
            assertThat(mine.missing(2000)).containsExactlyInAnyOrderElementsOf(others.received());
        }
    }

    @Test
    void deliversNothingAfterUnsubscribe() {
        Numbers numbers = new Numbers();
        Subscription subscription = client.subscribe("u.a", message -> numbers.add(message.payload()));
        client.flush(Eventually.LONG);
        peer.publish("u.a", Numbers.payload(1));
        peer.flush();
        Eventually.eventually("the first message", () -> numbers.count() == 1);
        assertThat(subscription.isActive()).isTrue();

        subscription.unsubscribe();
        subscription.unsubscribe();
        client.flush(Eventually.LONG);
        peer.publish("u.a", Numbers.payload(2));
        peer.ping();
        client.flush(Eventually.LONG);

        assertThat(subscription.isActive()).isFalse();
        assertThat(numbers.received()).containsExactly(1L);
        assertThat(server.monitoring("/connz?subs=true").path("connections"))
                .noneMatch(connection ->
                        connection.path("subscriptions_list").toString().contains("u.a"));
    }

    @Test
    void aSlowHandlerDelaysItsOwnSubscriptionAlone() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        Numbers slow = new Numbers();
        Numbers quick = new Numbers();
        Subscription blocked = client.subscribe("slow", message -> {
            release.await();
            slow.add(message.payload());
        });
        client.subscribe("quick", message -> quick.add(message.payload()));
        client.flush(Eventually.LONG);
        for (int i = 1; i <= 1000; i++) {
            peer.publish("slow", Numbers.payload(i));
            peer.publish("quick", Numbers.payload(i));
        }
        peer.ping();

        List<Long> inOrder = LongStream.rangeClosed(1, 1000).boxed().toList();
        Eventually.eventually("the quick one", () -> quick.count() == 1000);
        assertThat(quick.received()).isEqualTo(inOrder);
        client.flush(Eventually.LONG);
        assertThat(slow.count()).isZero();
        assertThat(blocked.pendingMessages()).isBetween(999L, 1000L);

        release.countDown();
        Eventually.eventually("the slow one", () -> slow.count() == 1000);
        assertThat(slow.received()).isEqualTo(inOrder);
        Eventually.eventually("nothing pending", () -> blocked.pendingMessages() == 0);
    }

    @Test
    void deliversTheNextMessageAfterAHandlerHasThrown() {
        Numbers numbers = new Numbers();
        client.subscribe("boom", message -> {
            numbers.add(message.payload());
            switch (numbers.count()) {
                case 1 -> throw new IllegalStateException("first");
                case 2 -> throw new AssertionError("second");
                case 3 -> throw new Exception("third");
                default -> {}
            }
        });
        for (int i = 1; i <= 4; i++) {
            client.publish("boom", Numbers.payload(i));
        }

        Eventually.eventually("all messages", () -> numbers.count() == 4);
        events.await(Kind.ERROR, 2);
        assertThat(events.of(Kind.ERROR))
                .extracting(error -> error.cause().getMessage())
                .containsExactly("first", "second", "third");
    }

    @Test
    void aHandlerMayUseTheClient() {
        Numbers answers = new Numbers();
        client.subscribe("step.three", message -> client.publish(message.reply(), message.payload()));
        client.subscribe("step.one", message -> {
            client.subscribe("step.two", inner -> answers.add(inner.payload()));
            client.flush(Eventually.LONG);
            client.publish(
                    "step.two",
                    client.request("step.three", message.payload(), Duration.ofSeconds(5))
                            .payload());
        });

        client.publish("step.one", Numbers.payload(7));

        Eventually.eventually("the answer", () -> answers.has(7));
    }

    @Test
    void receivesItsOwnMessagesUnlessToldNotTo() {
        Numbers echoed = new Numbers();
        Numbers others = new Numbers();
        try (NatsClient silent =
                clients.connect(NatsOptions.builder().servers(server.url()).noEcho(true))) {
            client.subscribe("echo", message -> echoed.add(message.payload()));
            silent.subscribe("echo", message -> others.add(message.payload()));
            client.flush(Eventually.LONG);

            silent.publish("echo", Numbers.payload(1));
            silent.flush(Eventually.LONG);
            client.publish("echo", Numbers.payload(2));

            Eventually.eventually("both", () -> echoed.count() == 2 && others.count() == 1);
            assertThat(echoed.received()).containsExactly(1L, 2L);
            assertThat(others.received()).containsExactly(2L);
        }
    }

    @Test
    void findsItsSubscriptionInPlaceForWhatItPublishesNext() {
        AtomicInteger received = new AtomicInteger();
        IntStream.range(0, 1000).forEach(i -> {
            client.subscribe("next." + i, message -> received.incrementAndGet());
            client.publish("next." + i, new byte[] {1});
        });

        Eventually.eventually("one message for each subscription", () -> received.get() == 1000);
    }

    @Test
    void throwsMessagesAwayAndSaysSoWhenAHandlerIsFarTooSlow() {
        CountDownLatch release = new CountDownLatch(1);
        Numbers quick = new Numbers();
        Subscription slow = client.subscribe("flood", message -> release.await());
        client.subscribe("trickle", message -> quick.add(message.payload()));
        byte[] mebibyte = new byte[1 << 20];
        for (int i = 0; i < 70; i++) {
            client.publish("flood", mebibyte);
        }
        client.publish("trickle", Numbers.payload(1));

        Eventually.eventually("the other subscription", () -> quick.count() == 1);
        assertThat(slow.droppedMessages()).isBetween(5L, 6L);
        events.await(Kind.SLOW_CONSUMER);
        release.countDown();
        Eventually.eventually("the backlog", () -> slow.pendingMessages() == 0);
        assertThat(events.of(Kind.SLOW_CONSUMER)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a..b", ".a", "a.", ">.a", "a\r\n"})
    void refusesASubjectThatIsNone(String subject) {
        assertThatThrownBy(() -> client.subscribe(subject, message -> {}))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT))
                .hasMessageContaining("subject");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\r\n"})
    void refusesAQueueNameThatIsNone(String queue) {
        assertThatThrownBy(() -> client.subscribe("a", queue, message -> {}))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT))
                .hasMessageContaining("queue");
    }
}
