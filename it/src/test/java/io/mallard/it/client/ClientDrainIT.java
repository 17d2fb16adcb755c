package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.RequestManyOptions;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a client that drops nothing: what raw sockets and the server see of it. */
@NoLeaks
class ClientDrainIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final byte[] NOTHING = {};

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    private NatsClient connect() {
        return clients.connect(
                NatsOptions.builder().servers(server.url()).name("drained").listener(events));
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private static void assertThrows(NatsStatus status, ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    private static NatsException failureOf(CompletableFuture<?> future) {
        AtomicReference<NatsException> failure = new AtomicReference<>();
        assertThatThrownBy(() -> future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(NatsException.class, failure::set);
        return failure.get();
    }

    private static boolean isConnected(NatsServer to) {
        return to.monitoring("/connz").toString().contains("\"drained\"");
    }

    @Test
    void aRequestForSeveralRepliesGetsThemAllFirst() throws Exception {
        BlockingQueue<RawMessage> asked = new LinkedBlockingQueue<>();
        try (RawNats responder = Peers.receiver(server, "d.many", asked::add)) {
            NatsClient client = connect();
            client.subscribe("d.other", message -> {});
            CompletableFuture<List<NatsMessage>> replies =
                    clients.track(CompletableFuture.supplyAsync(() -> client.requestMany(
                            "d.many",
                            NOTHING,
                            RequestManyOptions.timeout(TIMEOUT).maxReplies(2))));
            RawMessage request = asked.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            responder.publish(request.reply(), NOTHING);
            responder.ping();

            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            Eventually.eventually(
                    "the end of the other subscription",
                    () -> !server.monitoring("/subsz?subs=1").toString().contains("d.other"));
            assertThat(drained).isNotDone();
            responder.publish(request.reply(), NOTHING);
            responder.ping();

            assertThat(replies.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).hasSize(2);
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void everyRequestThatHasArrivedIsAnsweredAndThenTheClientIsGone() throws Exception {
        int requests = 5_000;
        Numbers answers = new Numbers();
        CountDownLatch goOn = new CountDownLatch(1);
        try (RawNats judge = Peers.receiver(server, "d.answers", answers)) {
            NatsClient client = connect();
            Subscription subscription = client.subscribe("d.work", message -> {
                await(goOn);
                message.respond(message.payload());
            });
            client.flush(TIMEOUT);
            for (int i = 1; i <= requests; i++) {
                judge.publish("d.work", "d.answers", Numbers.payload(i));
            }
            judge.ping();
            Eventually.eventually("much to wait", () -> subscription.pendingMessages() > 100);

            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            Eventually.eventually(
                    "the server to have forgotten the subscription",
                    () -> !server.monitoring("/subsz?subs=true").toString().contains("\"d.work\""));
            judge.publish("d.work", Numbers.payload(requests + 1)); // Handled, it would be an error: it has no reply.
            judge.ping();
            assertThat(answers.count()).as("nothing is answered yet").isZero();
            assertThat(drained).isNotDone();
            goOn.countDown();
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            assertThat(client.tryPublish("d", NOTHING)).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            Eventually.eventually("the connection to be gone", () -> !isConnected(server));
            judge.ping();
            assertThat(answers.missing(requests)).isEmpty();
            assertThat(answers.count())
                    .as("each once, and none that came later")
                    .isEqualTo(requests);
            assertThat(answers.received()).isSorted();
            events.await(Kind.CLOSED);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.CLOSED);
            client.close();
        }
    }

    @Test
    void whatIsRefusedSaysDrainingAndARequestUnderWayGetsItsReply() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        BlockingQueue<String> replyTo = new LinkedBlockingQueue<>();
        Numbers published = new Numbers();
        try (RawNats responder = Peers.receiver(server, "d.slow", message -> replyTo.add(message.reply()));
                RawNats judge = Peers.receiver(server, "d.published", published);
                NatsClient client = connect()) {
            Subscription subscription = client.subscribe("d.work", message -> await(goOn));
            client.publish("d.work", NOTHING);
            client.flush(TIMEOUT);

            CompletableFuture<Void> drained = client.drain(TIMEOUT);

            assertThrows(NatsStatus.DRAINING, () -> client.subscribe("d.more", message -> {}));
            assertThrows(NatsStatus.DRAINING, () -> client.subscribe("d.more", "q", message -> {}));
            client.publish("d.published", Numbers.payload(1));
            CompletableFuture<NatsMessage> request =
                    clients.track(client.requestAsync("d.slow", Numbers.payload(7), TIMEOUT));
            String reply = replyTo.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            goOn.countDown();
            Eventually.eventually("the subscription to end", () -> !subscription.isActive());
            Eventually.eventually(
                    "publishes to be refused", () -> client.tryPublish("d.any", NOTHING) == NatsStatus.DRAINING);
            assertThrows(NatsStatus.DRAINING, () -> client.publish("d.published", Numbers.payload(2)));
            assertThrows(NatsStatus.DRAINING, () -> client.request("d.slow", NOTHING, SHORT));
            assertThat(drained).as("it waits for the reply").isNotDone();
            responder.publish(reply, Numbers.payload(8));
            responder.flush();

            assertThat(request.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).payload())
                    .isEqualTo(Numbers.payload(8));
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            judge.ping();
            assertThat(published.received()).containsExactly(1L);
            assertThrows(NatsStatus.CONNECTION_CLOSED, () -> client.subscribe("d.more", message -> {}));
        }
    }

    @Test
    void whatIsPublishedLastIsProcessedByTheServer() throws Exception {
        Numbers published = new Numbers();
        try (RawNats judge = Peers.receiver(server, "d.published", published);
                NatsClient client = connect()) {
            for (int i = 1; i <= 20_000; i++) {
                client.publish("d.published", Numbers.payload(i));
            }

            client.drain(TIMEOUT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            judge.ping();
            assertThat(published.missing(20_000)).isEmpty();
            assertThat(published.count()).isEqualTo(20_000);
        }
    }

    @Test
    void theBacklogOfALimitedSubscriptionThatIsUsedUpIsHandled() throws Exception {
        int count = 500;
        Numbers handled = new Numbers();
        CountDownLatch goOn = new CountDownLatch(1);
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = connect()) {
            Subscription limited = client.subscribe("d.limited", message -> {
                await(goOn);
                handled.add(message.payload());
            });
            limited.unsubscribe(count);
            client.flush(TIMEOUT);
            for (int i = 1; i <= count; i++) {
                peer.publish("d.limited", Numbers.payload(i));
            }
            peer.flush();
            Eventually.eventually("it to be used up", () -> !limited.isActive());
            assertThat(limited.pendingMessages()).isPositive();

            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            goOn.countDown();
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            assertThat(handled.missing(count)).isEmpty();
        }
    }

    @Test
    void aHandlerMayDrainItsClient() throws Exception {
        CompletableFuture<CompletableFuture<Void>> drain = new CompletableFuture<>();
        try (NatsClient client = connect()) {
            client.subscribe("d.end", message -> drain.complete(client.drain(TIMEOUT)));
            client.publish("d.end", NOTHING);

            drain.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            events.await(Kind.CLOSED);
        }
    }

    @Test
    void aHandlerThatWaitsForTheDrainOnTheOnlyThreadWaitsForItsTimeout() throws Exception {
        CompletableFuture<NatsException> waited = new CompletableFuture<>();
        ExecutorService onlyThread = Executors.newSingleThreadExecutor();
        try (NatsClient client =
                clients.connect(NatsOptions.builder().servers(server.url()).executor(onlyThread))) {
            client.subscribe("d.end", message -> waited.complete(failureOf(client.drain(SHORT))));
            client.publish("d.end", NOTHING);

            NatsException failure = waited.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            assertThat(failure.status()).isEqualTo(NatsStatus.TIMEOUT);
            assertThat(failure).hasMessageContaining("1 subscriptions");
        } finally {
            onlyThread.shutdown();
        }
    }

    @Test
    void whenTheTimeIsUpItClosesAllTheSameAndSaysWhatWasLeft() throws Exception {
        CountDownLatch awake = new CountDownLatch(1);
        try (RawNats silent = Peers.receiver(server, "d.silent", message -> {});
                NatsClient client = connect()) {
            client.subscribe("d.ended", message -> {});
            Subscription stuck = client.subscribe("d.stuck", message -> await(awake));
            for (int i = 0; i < 4; i++) {
                client.publish("d.stuck", NOTHING);
            }
            CompletableFuture<NatsMessage> unanswered =
                    clients.track(client.requestAsync("d.silent", NOTHING, TIMEOUT.multipliedBy(6)));
            Eventually.eventually("the others to wait", () -> stuck.pendingMessages() == 3);
            long beganNs = System.nanoTime();

            NatsException failure = failureOf(client.drain(SHORT));

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isBetween(SHORT, SHORT.plusSeconds(3));
            assertThat(failure.status()).isEqualTo(NatsStatus.TIMEOUT);
            assertThat(failure)
                    .hasMessageContaining("200 ms")
                    .hasMessageContaining("1 subscriptions")
                    .hasMessageContaining("3 of their messages")
                    .hasMessageContaining("1 requests");
            assertThat(failureOf(unanswered).status()).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            Eventually.eventually("the connection to be gone", () -> !isConnected(server));
            assertThat(silent.isClosed()).isFalse();
        } finally {
            awake.countDown();
        }
    }

    /** It takes a client in and answers nothing afterwards. */
    @Test
    void aServerThatIsDeadCostsTheTimeoutAndIsToldOf() throws Exception {
        try (ScriptedServer dead = ScriptedServer.start(
                Step.handshake(), Step.expect("SUB"), Step.expect("PING"), Step.send("PONG\r\n"))) {
            NatsClient client = clients.connect(
                    NatsOptions.builder().servers(dead.url()).flushTimeout(SOON).listener(events));
            client.subscribe("d.dead", message -> {});
            for (int i = 0; i < 10; i++) {
                client.publish("d", NOTHING);
            }
            dead.connection(0).awaitLine("PUB d 0", TIMEOUT);
            long beganNs = System.nanoTime();

            NatsException failure = failureOf(client.drain(SHORT));

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isBetween(SHORT, SHORT.plusSeconds(2));
            assertThat(failure.status()).isEqualTo(NatsStatus.TIMEOUT);
            assertThat(failure)
                    .hasMessageContaining("1 subscriptions")
                    .hasMessageContaining("10 publishes in doubt and 0 never sent");
            assertThat(dead.connection(0).lines()).contains("UNSUB 2");
            dead.connection(0).awaitClientClose(TIMEOUT);
            client.close();
        }
    }

    @Test
    void inAnOutageWhatWasAcceptedWaitsForTheServerToComeBack() throws Exception {
        Numbers published = new Numbers();
        Numbers handled = new Numbers();
        CountDownLatch goOn = new CountDownLatch(1);
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(sole.url())
                        .listener(events)
                        .reconnectFirstDelay(SOON)
                        .reconnectMaxDelay(SOON))) {
            Subscription subscription = client.subscribe("d.work", message -> {
                await(goOn);
                handled.add(message.payload());
                client.publish("d.published", message.payload());
            });
            for (int i = 1; i <= 100; i++) {
                client.publish("d.work", Numbers.payload(i));
            }
            client.flush(TIMEOUT);
            Eventually.eventually("all of them", () -> subscription.pendingMessages() == 99);
            sole.die();
            events.await(Kind.DISCONNECTED);

            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            goOn.countDown();
            Eventually.eventually("what had arrived", () -> handled.count() == 100);
            assertThat(drained).isNotDone();
            sole.comeBack();
            try (RawNats judge = Peers.receiver(sole.server, "d.published", published)) {
                sole.openWay();
                drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

                judge.ping();
                assertThat(published.missing(100)).isEmpty();
                assertThat(published.count()).isEqualTo(100);
                assertThat(sole.server.monitoring("/subsz?subs=true").toString())
                        .doesNotContain("\"d.work\"");
            }
        }
    }

    @Test
    void anOutageThatLastsLongerThanTheDrainCostsWhatWasNeverSent() {
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(sole.url())
                        .listener(events)
                        .reconnectFirstDelay(SOON)
                        .reconnectMaxDelay(SOON))) {
            client.subscribe("d", message -> {});
            client.flush(TIMEOUT);
            sole.die();
            events.await(Kind.DISCONNECTED);
            client.publish("d.published", NOTHING);
            client.publish("d.published", NOTHING);

            NatsException failure = failureOf(client.drain(SHORT));

            assertThat(failure.status()).isEqualTo(NatsStatus.TIMEOUT);
            assertThat(failure)
                    .hasMessageContaining("0 subscriptions")
                    .hasMessageContaining("0 publishes in doubt and 2 never sent: there is no connection");
        }
    }

    @Test
    void anOutageWithNothingToSendEndsTheDrainAtOnce() throws Exception {
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(sole.url())
                        .listener(events)
                        .reconnectFirstDelay(SOON)
                        .reconnectMaxDelay(SOON))) {
            client.subscribe("d", message -> {});
            client.flush(TIMEOUT);
            sole.die();
            events.await(Kind.DISCONNECTED);

            client.drain(Duration.ofDays(1)).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            events.await(Kind.CLOSED);
        }
    }

    @Test
    void inTheMiddleOfAMergeNothingIsLostNothingComesTwiceAndEachIsAnsweredOnce() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(1)));
            List<Long> numbers = new ArrayList<>();
            AtomicInteger answered = new AtomicInteger();
            AtomicInteger probes = new AtomicInteger();
            RawNats judge = scenario.socket(2, message -> answered.incrementAndGet());
            judge.subscribe("h.answers", 1);
            judge.ping();
            client.subscribe("h", message -> {
                if (message.payload().length == 0) {
                    probes.incrementAndGet();
                } else {
                    numbers.add(numberIn(message.payload()));
                    client.publish("h.answers", message.payload());
                }
            });
            RawNats far = scenario.socket(2, message -> {});
            Eventually.eventually("interest", () -> {
                far.publish("h", NOTHING);
                far.ping();
                return probes.get() > 0;
            });
            Load load = scenario.publish(far, "h", publisher, 2_000);
            load.awaitMore(100);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the other server to have it too", () -> scenario.hasSubscription(1, "h"));
            assertThat(scenario.hasSubscription(0, "h"))
                    .as("the fault: both servers have it")
                    .isTrue();
            long sentAtDrain = publisher.sent();
            client.drain(TIMEOUT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            load.awaitMore(100);
            load.stop();
            assertThat(numbers).hasSizeGreaterThan(100);
            long first = numbers.get(0);
            for (int i = 0; i < numbers.size(); i++) {
                assertThat(numbers.get(i)).as("message %d", i).isEqualTo(first + i);
            }
            assertThat(first + numbers.size()).isGreaterThanOrEqualTo(sentAtDrain);
            Eventually.eventually("each answer once", () -> answered.get() == numbers.size());
            assertThat(scenario.subscriptions(0, "h") + scenario.subscriptions(1, "h"))
                    .isZero();
            assertThat(client.metrics().publishesInDoubt()).isZero();
        }
    }

    private static long numberIn(byte[] payload) {
        String text = new String(payload, US_ASCII);
        return Long.parseLong(text.substring(text.indexOf(':') + 1));
    }

    @Test
    void closeEndsADrainAtOnce() throws Exception {
        CountDownLatch awake = new CountDownLatch(1);
        try {
            NatsClient client = connect();
            Subscription stuck = client.subscribe("d.stuck", message -> await(awake));
            client.publish("d.stuck", NOTHING);
            client.publish("d.stuck", NOTHING);
            Eventually.eventually("one to wait", () -> stuck.pendingMessages() == 1);
            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            long beganNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(1));
            assertThat(failureOf(drained).status()).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        } finally {
            awake.countDown();
        }
    }

    /** Both in one turn of the loop, as a rule. */
    @Test
    void aDrainThatIsEndedBeforeItBeganHasDrainedNothing() throws Exception {
        for (int i = 0; i < 100; i++) {
            CountDownLatch awake = new CountDownLatch(1);
            try {
                NatsClient client = connect();
                Subscription stuck = client.subscribe("d.stuck", message -> await(awake));
                client.publish("d.stuck", NOTHING);
                client.publish("d.stuck", NOTHING);
                Eventually.eventually("one to wait", () -> stuck.pendingMessages() == 1);
                CompletableFuture<Void> drained = client.drain(TIMEOUT);

                client.close();

                assertThat(failureOf(drained).status()).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            } finally {
                awake.countDown();
            }
        }
    }

    @Test
    void closeEndsTheWaitForAReply() throws Exception {
        try (RawNats silent = Peers.receiver(server, "d.silent", message -> {})) {
            NatsClient client = connect();
            CompletableFuture<NatsMessage> request = clients.track(client.requestAsync("d.silent", NOTHING, TIMEOUT));
            CompletableFuture<Void> drained = client.drain(TIMEOUT);
            Eventually.eventually(
                    "publishes to be refused", () -> client.tryPublish("d.any", NOTHING) == NatsStatus.DRAINING);

            client.close();

            assertThat(failureOf(request).status()).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            assertThat(failureOf(drained)).hasMessageContaining("1 requests had no reply");
            assertThat(silent.isClosed()).isFalse();
        }
    }

    @Test
    void theFirstCallCountsAndAClosedClientHasNothingToDrain() throws Exception {
        NatsClient client = connect();

        CompletableFuture<Void> first = client.drain(TIMEOUT);
        assertThat(client.drain(SOON)).isSameAs(first);
        first.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

        NatsClient closed = connect();
        closed.close();
        assertThat(failureOf(closed.drain(TIMEOUT)).status()).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        client.close();
    }
}
