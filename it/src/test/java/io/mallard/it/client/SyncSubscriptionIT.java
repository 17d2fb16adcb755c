package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.SyncSubscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A subscription that is asked for its messages, which raw sockets have published. */
@NoLeaks
class SyncSubscriptionIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(200);

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

    private static long numberOf(NatsMessage message) {
        return Long.parseLong(new String(message.payload(), US_ASCII));
    }

    private void publish(String subject, int first, int last) {
        IntStream.rangeClosed(first, last).forEach(i -> peer.publish(subject, Numbers.payload(i)));
        peer.ping();
    }

    private static void assertThrows(NatsStatus status, ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    /** Somebody waits for a message; returns once that is so. */
    private CompletableFuture<NatsMessage> asking(SyncSubscription subscription) {
        AtomicReference<Thread> asker = new AtomicReference<>();
        CompletableFuture<NatsMessage> asked = clients.track(CompletableFuture.supplyAsync(
                () -> {
                    asker.set(Thread.currentThread());
                    return subscription.nextMessage(TIMEOUT.multipliedBy(6));
                },
                task -> new Thread(task).start())); // A pool may be too small for those who wait.
        Eventually.eventually("somebody to wait", () -> {
            Thread thread = asker.get();
            return thread != null && thread.getState() == Thread.State.TIMED_WAITING;
        });
        return asked;
    }

    private static NatsStatus failureOf(CompletableFuture<NatsMessage> asked) {
        AtomicReference<NatsStatus> status = new AtomicReference<>();
        assertThatThrownBy(() -> asked.get(2, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(NatsException.class, e -> status.set(e.status()));
        return status.get();
    }

    @Test
    void returnsTheMessagesInTheirOrderAndNullWhenNoneComesInTime() {
        SyncSubscription subscription = client.subscribe("y.*");
        client.flush(TIMEOUT);
        publish("y.a", 1, 1_000);

        for (int i = 1; i <= 1_000; i++) {
            NatsMessage message = subscription.nextMessage(TIMEOUT);
            assertThat(numberOf(message)).isEqualTo(i);
            assertThat(message.subject()).isEqualTo("y.a");
        }
        long askedNs = System.nanoTime();
        assertThat(subscription.nextMessage(SHORT)).isNull();
        assertThat(Duration.ofNanos(System.nanoTime() - askedNs)).isBetween(SHORT, SHORT.plusSeconds(2));
        assertThat(subscription.nextMessage(Duration.ZERO)).isNull();
        assertThat(subscription.nextMessage(Duration.ofMillis(-1))).isNull();
        assertThat(subscription.pendingMessages()).isZero();
    }

    @Test
    void oneWhoWaitsIsWokenByTheMessage() throws Exception {
        SyncSubscription subscription = client.subscribe("y");
        CompletableFuture<NatsMessage> asked = asking(subscription);
        client.flush(TIMEOUT);

        publish("y", 7, 7);

        assertThat(numberOf(asked.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))).isEqualTo(7);
    }

    @Test
    void ofAQueueGroupEachMemberGetsAPartAndMayAnswer() {
        Numbers answers = new Numbers();
        try (RawNats judge = Peers.receiver(server, "y.answers", answers)) {
            SyncSubscription one = client.subscribe("y.work", "g");
            SyncSubscription other = client.subscribe("y.work", "g");
            client.flush(TIMEOUT);
            for (int i = 1; i <= 1_000; i++) {
                peer.publish("y.work", "y.answers", Numbers.payload(i));
            }
            peer.ping();
            client.flush(TIMEOUT);
            int[] got = new int[2];
            for (int i = 0; i < 2; i++) {
                NatsMessage message;
                while ((message = (i == 0 ? one : other).nextMessage(SHORT)) != null) {
                    message.respond(message.payload());
                    got[i]++;
                }
            }
            client.flush(TIMEOUT);
            judge.ping();

            assertThat(got[0]).isBetween(1, 999);
            assertThat(got[0] + got[1]).isEqualTo(1_000);
            assertThat(answers.missing(1_000)).isEmpty();
            assertThat(answers.count()).isEqualTo(1_000);
        }
    }

    @Test
    void oneWhoWaitsIsToldAtOnceThatItIsUnsubscribed() {
        SyncSubscription subscription = client.subscribe("y");
        CompletableFuture<NatsMessage> asked = asking(subscription);

        subscription.unsubscribe();

        assertThat(failureOf(asked)).isEqualTo(NatsStatus.INVALID_SUBSCRIPTION);
        assertThrows(NatsStatus.INVALID_SUBSCRIPTION, () -> subscription.nextMessage(TIMEOUT));
    }

    @Test
    void unsubscribingDropsWhatWasNotAskedFor() {
        SyncSubscription subscription = client.subscribe("y");
        client.flush(TIMEOUT);
        publish("y", 1, 3);
        Eventually.eventually("three messages", () -> subscription.pendingMessages() == 3);

        subscription.unsubscribe();

        assertThrows(NatsStatus.INVALID_SUBSCRIPTION, () -> subscription.nextMessage(TIMEOUT));
    }

    @Test
    void oneWhoWaitsIsToldAtOnceThatTheClientIsClosed() {
        SyncSubscription subscription = client.subscribe("y");
        CompletableFuture<NatsMessage> asked = asking(subscription);

        client.close();

        assertThat(failureOf(asked)).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        assertThrows(NatsStatus.CONNECTION_CLOSED, () -> subscription.nextMessage(TIMEOUT));
    }

    @Test
    void atItsLimitItReturnsTheLastMessageAndThenSaysSo() {
        SyncSubscription subscription = client.subscribe("y");
        subscription.unsubscribe(3);
        client.flush(TIMEOUT);
        publish("y", 1, 5);

        for (int i = 1; i <= 3; i++) {
            assertThat(numberOf(subscription.nextMessage(TIMEOUT))).isEqualTo(i);
        }
        assertThrows(NatsStatus.MAX_DELIVERED_MSGS, () -> subscription.nextMessage(TIMEOUT));
        assertThat(subscription.isActive()).isFalse();
    }

    @Test
    void oneWhoWaitsIsToldThatTheLimitWasReachedByAnother() {
        SyncSubscription subscription = client.subscribe("y");
        subscription.unsubscribe(1);
        CompletableFuture<NatsMessage> one = asking(subscription);
        CompletableFuture<NatsMessage> other = asking(subscription);
        client.flush(TIMEOUT);

        publish("y", 1, 1);

        Eventually.eventually("both to be told", () -> one.isDone() && other.isDone());
        CompletableFuture<NatsMessage> failed = one.isCompletedExceptionally() ? one : other;
        assertThat((failed == one ? other : one).join().payload()).isEqualTo(Numbers.payload(1));
        assertThat(failureOf(failed)).isEqualTo(NatsStatus.MAX_DELIVERED_MSGS);
    }

    @Test
    void aDrainWaitsUntilWhatHasComeWasAskedFor() throws Exception {
        SyncSubscription subscription = client.subscribe("y");
        client.flush(TIMEOUT);
        publish("y", 1, 100);

        CompletableFuture<Void> drained = subscription.drain(TIMEOUT);
        Eventually.eventually("the end of what arrives", () -> !subscription.isActive());
        publish("y", 101, 101);
        assertThat(drained).isNotDone();
        for (int i = 1; i <= 100; i++) {
            assertThat(numberOf(subscription.nextMessage(TIMEOUT))).isEqualTo(i);
        }

        drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThrows(NatsStatus.INVALID_SUBSCRIPTION, () -> subscription.nextMessage(TIMEOUT));
    }

    @Test
    void aDrainThatNobodyAsksAnythingOfEndsAtItsTimeout() {
        SyncSubscription subscription = client.subscribe("y");
        client.flush(TIMEOUT);
        publish("y", 1, 2);

        assertThatThrownBy(() -> subscription.drain(SHORT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .hasMessageContaining("2 messages that have arrived were not handled");
        assertThrows(NatsStatus.INVALID_SUBSCRIPTION, () -> subscription.nextMessage(TIMEOUT));
    }

    @Test
    void oneWhoWaitsCanBeInterrupted() throws Exception {
        SyncSubscription subscription = client.subscribe("y");
        CompletableFuture<NatsException> thrown = new CompletableFuture<>();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread asker = new Thread(() -> {
            try {
                subscription.nextMessage(TIMEOUT.multipliedBy(6));
            } catch (NatsException e) {
                interrupted.set(Thread.currentThread().isInterrupted());
                thrown.complete(e);
            }
        });
        asker.start();

        asker.interrupt();

        assertThat(thrown.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).status()).isEqualTo(NatsStatus.ERR);
        assertThat(interrupted).isTrue();
        asker.join(TIMEOUT.toMillis());
        assertThat(subscription.isActive()).isTrue();
    }

    @Test
    void aHandlerMayAskAnotherSubscription() {
        SyncSubscription other = client.subscribe("y.other");
        CompletableFuture<Long> got = new CompletableFuture<>();
        client.subscribe("y.first", message -> got.complete(numberOf(other.nextMessage(TIMEOUT))));
        client.flush(TIMEOUT);

        publish("y.first", 1, 1);
        publish("y.other", 2, 2);

        Eventually.eventually("the other message", () -> got.isDone() && got.join() == 2);
    }

    /** An executor that runs what it is given at once makes a handler run on the event loop. */
    @Test
    void theEventLoopIsNotMadeToWait() {
        NatsClient inline =
                clients.connect(NatsOptions.builder().servers(server.url()).executor(Runnable::run));
        try (inline) {
            SyncSubscription other = inline.subscribe("y.other");
            CompletableFuture<NatsStatus> refused = new CompletableFuture<>();
            inline.subscribe("y.first", message -> {
                try {
                    other.nextMessage(TIMEOUT);
                } catch (NatsException e) {
                    refused.complete(e.status());
                }
            });
            inline.flush(TIMEOUT);

            publish("y.first", 1, 1);

            Eventually.eventually("a refusal", refused::isDone);
            assertThat(refused.join()).isEqualTo(NatsStatus.ILLEGAL_STATE);
        }
    }

    @Test
    void aHandoverLosesNothingAndRepeatsNothing() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient moving = scenario.connect();
            SyncSubscription subscription = moving.subscribe("h");
            CompletableFuture<Void> asking = clients.track(CompletableFuture.runAsync(() -> {
                while (true) {
                    try {
                        NatsMessage message = subscription.nextMessage(TIMEOUT);
                        assertThat(message).isNotNull();
                        scenario.take(receiver, message.payload());
                    } catch (NatsException e) {
                        assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBSCRIPTION);
                        return;
                    }
                }
            }));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 2_000);
            load.awaitMore(200);

            scenario.leave(0, moving);

            load.awaitMore(200);
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            subscription.unsubscribe();
            asking.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void oneWhoWaitsGetsTheFirstMessageAfterAnOutage() throws Exception {
        try (SoleServer sole = new SoleServer();
                NatsClient reconnecting = clients.connect(
                        NatsOptions.builder().servers(sole.url()).listener(events))) {
            SyncSubscription subscription = reconnecting.subscribe("y");
            CompletableFuture<NatsMessage> asked = asking(subscription);
            reconnecting.flush(TIMEOUT);
            sole.die();
            events.await(Kind.DISCONNECTED);

            sole.comeBack();
            sole.openWay();
            events.await(Kind.RECONNECTED);
            reconnecting.flush(TIMEOUT);
            try (RawNats publisher = RawNats.connect(sole.server.url(), message -> {})) {
                publisher.publish("y", Numbers.payload(7));
                publisher.ping();

                assertThat(numberOf(asked.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)))
                        .isEqualTo(7);
            }
        }
    }

    @Test
    void whoeverAsksTooSeldomIsASlowConsumer() {
        SyncSubscription subscription = client.subscribe("y");
        subscription.setPendingLimits(10, 1 << 20);
        AtomicInteger got = new AtomicInteger();
        client.flush(TIMEOUT);
        publish("y", 1, 25);
        client.flush(TIMEOUT);

        events.await(Kind.SLOW_CONSUMER);
        assertThat(subscription.droppedMessages()).isEqualTo(15);
        while (subscription.nextMessage(Duration.ZERO) != null) {
            got.incrementAndGet();
        }
        assertThat(got).hasValue(10);
    }
}
