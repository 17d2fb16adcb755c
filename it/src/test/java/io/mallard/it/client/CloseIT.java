package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.ClientListener;
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
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@NoLeaks
class CloseIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
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
        return clients.connect(NatsOptions.builder().servers(server.url()).listener(events));
    }

    @Test
    void takesMillisecondsWhenIdle() {
        List<Long> tookMs = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            NatsClient client = clients.connect(server.url());
            client.flush(TIMEOUT);
            long startNs = System.nanoTime();
            client.close();
            tookMs.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
        }
        Collections.sort(tookMs);

        assertThat(tookMs.get(tookMs.size() / 2)).as("median of %s ms", tookMs).isLessThan(50);
    }

    @Test
    void deliversWhatWasPublishedBefore() {
        Numbers received = new Numbers();
        try (RawNats receiver = Peers.receiver(server, "c", received)) {
            NatsClient client = connect();
            for (int i = 1; i <= 20_000; i++) {
                client.publish("c", Numbers.payload(i));
            }
            client.close();
            receiver.ping();

            assertThat(received.missing(20_000)).isEmpty();
            assertThat(received.count()).isEqualTo(20_000);
        }
    }

    /** Takes a client in, answers the PING behind its subscriptions, and nothing afterwards. */
    private static ScriptedServer silentServer() throws IOException {
        return ScriptedServer.start(Step.handshake(), Step.expect("SUB"), Step.expect("PING"), Step.send("PONG\r\n"));
    }

    @Test
    void tellsOfThePublishesNobodyKnowsAnythingOf() throws IOException {
        try (ScriptedServer silent = silentServer()) {
            NatsClient client = clients.connect(NatsOptions.builder()
                    .servers(silent.url())
                    .flushTimeout(Duration.ofMillis(100))
                    .listener(events));
            for (int i = 0; i < 10; i++) {
                client.publish("c", new byte[1]);
            }
            silent.connection(0).awaitLine("PUB c 1", TIMEOUT);

            client.close();

            assertThat(client.metrics().publishesInDoubt()).isEqualTo(10);
            assertThat(events.await(Kind.ERROR).cause()).hasMessageContaining("10 publishes in doubt and 0 never sent");
        }
    }

    @Test
    void failsAFlushUnderWay() throws Exception {
        try (ScriptedServer silent = silentServer()) {
            NatsClient client =
                    clients.connect(NatsOptions.builder().servers(silent.url()).flushTimeout(Duration.ofMillis(100)));
            client.publish("c", new byte[1]);
            CompletableFuture<Void> flush = clients.track(CompletableFuture.runAsync(() -> client.flush(TIMEOUT)));
            silent.connection(0).awaitLine("PUB c 1", TIMEOUT);
            Eventually.eventually(
                    "the PING of the flush",
                    () -> silent.connection(0).lines().stream()
                                    .filter("PING"::equals)
                                    .count()
                            == 4); // of the handshake, of the subscriptions, of the publish, of the flush

            client.close();

            assertThatThrownBy(() -> flush.get(1, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
        }
    }

    @Test
    void aServerThatStopsAnsweringBehindTheSubscriptionsIsGivenUp() throws IOException {
        try (ScriptedServer frozen = ScriptedServer.start(List.of(List.of(Step.handshake()), List.of(Step.serve())))) {
            NatsClient client = clients.connect(NatsOptions.builder()
                    .servers(frozen.url())
                    .connectTimeout(Duration.ofMillis(300))
                    .reconnectFirstDelay(Duration.ofMillis(1))
                    .listener(events));
            client.publish("c", new byte[1]);

            events.await(Kind.RECONNECTED);
            client.flush(TIMEOUT);

            assertThat(frozen.connection(1).lines()).contains("PUB c 1");
            client.close();
        }
    }

    @Test
    void failsTheRequestsThatWait() throws Exception {
        try (RawNats silent = Peers.receiver(server, "c.silent", message -> {})) {
            NatsClient client = connect();
            CompletableFuture<NatsMessage> async = clients.track(client.requestAsync("c.silent", new byte[0], TIMEOUT));
            CompletableFuture<NatsMessage> blocking = clients.track(
                    CompletableFuture.supplyAsync(() -> client.request("c.silent", new byte[0], TIMEOUT)));
            Eventually.eventually("both requests", () -> client.metrics().pendingRequests() == 2);

            client.close();

            for (CompletableFuture<NatsMessage> reply : List.of(async, blocking)) {
                assertThatThrownBy(() -> reply.get(1, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                NatsException.class,
                                e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                        .hasMessageContaining("closed");
            }
            assertThat(client.metrics().pendingRequests()).isZero();
            assertThat(silent.isClosed()).isFalse();
        }
    }

    @Test
    void leavesNothingThatWorks() {
        NatsClient client = connect();
        Subscription subscription = client.subscribe("c", message -> {});
        client.close();
        byte[] payload = {};

        assertClosed(() -> client.publish("c", payload));
        assertClosed(() -> client.publish("c", "reply", payload));
        assertClosed(() -> client.request("c", payload, TIMEOUT));
        assertClosed(() -> client.subscribe("c", message -> {}));
        assertClosed(() -> client.subscribe("c", "queue", message -> {}));
        assertClosed(() -> client.flush(TIMEOUT));
        assertThat(client.tryPublish("c", payload)).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        assertThatThrownBy(clients.track(client.requestAsync("c", payload, TIMEOUT))::join)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
        subscription.unsubscribe();
        assertThat(subscription.isActive()).isFalse();
        assertThat(client.connectedUrl()).isEmpty();
        assertThat(client.isHotSwapAvailable()).isFalse();
        assertThat(client.isInLameDuckMode()).isFalse();
    }

    private static void assertClosed(ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                .hasMessageContaining("closed");
    }

    @Test
    void isIdempotentFromManyThreads() {
        NatsClient client = connect();
        IntStream.range(0, 8)
                .mapToObj(i -> clients.track(CompletableFuture.runAsync(client::close)))
                .toList()
                .forEach(CompletableFuture::join);
        client.close();

        events.await(Kind.CLOSED);
        assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.CLOSED);
    }

    /** Handlers would only find that everything they try is refused. */
    @Test
    void handsNothingMoreToHandlersFromWhenItRefusesTraffic() throws IOException {
        Numbers handled = new Numbers();
        try (ScriptedServer silent = silentServer()) {
            NatsClient client = clients.connect(NatsOptions.builder()
                    .servers(silent.url())
                    .flushTimeout(Duration.ofMillis(500))
                    .listener(events));
            client.subscribe("c.late", message -> {
                handled.add(message.payload());
                Eventually.eventually(
                        "the refusal", () -> client.tryPublish("c", message.payload()) == NatsStatus.CONNECTION_CLOSED);
            });
            silent.connection(0).awaitLine("SUB c.late 2", TIMEOUT);
            silent.connection(0).send("MSG c.late 2 1\r\n1\r\nMSG c.late 2 1\r\n2\r\nMSG c.late 2 1\r\n3\r\n");
            Eventually.eventually("the first message", () -> handled.count() == 1);

            client.close();

            assertThat(handled.received()).containsExactly(1L);
        }
    }

    @Test
    void isLegalInAHandler() throws InterruptedException {
        NatsClient client = connect();
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<NatsStatus> afterwards = new AtomicReference<>();
        client.subscribe("c.close", message -> {
            client.close();
            afterwards.set(client.tryPublish("c", message.payload()));
            closed.countDown();
        });

        client.publish("c.close", new byte[0]);

        assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(afterwards).hasValue(NatsStatus.CONNECTION_CLOSED);
        events.await(Kind.CLOSED);
    }

    @Test
    void isLegalInTheListener() {
        AtomicReference<NatsClient> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        Events closing = new Events();
        NatsClient client =
                clients.connect(NatsOptions.builder().servers(server.url()).listener(new ClientListener() {
                    @Override
                    public void onError(Throwable error) {
                        try {
                            known.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        self.get().close();
                    }

                    @Override
                    public void onClosed() {
                        closing.onClosed();
                    }
                }));
        client.subscribe("c.fail", message -> {
            throw new IllegalStateException("on purpose");
        });
        client.publish("c.fail", new byte[0]);
        self.set(client);
        known.countDown();

        closing.await(Kind.CLOSED);
    }

    @Test
    void waitsNoLongerThanTheFlushTimeoutForASilentServer() {
        try (ScriptedServer silent = ScriptedServer.start(Step.handshake())) {
            NatsClient client =
                    clients.connect(NatsOptions.builder().servers(silent.url()).flushTimeout(Duration.ofMillis(100)));
            client.publish("c", new byte[0]);
            long startNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            silent.connection(0).awaitClientClose(TIMEOUT);
        }
    }

    @Test
    void isQuickWhileThereIsNoConnection() {
        try (ScriptedServer gone = ScriptedServer.start(List.of(List.of(Step.serve()), List.of(Step.close())))) {
            NatsClient client =
                    clients.connect(NatsOptions.builder().servers(gone.url()).listener(events));
            gone.stopListening();
            client.flush(TIMEOUT);
            closeFromServer(gone);
            events.await(Kind.DISCONNECTED);
            client.publish("c", new byte[0]);
            CompletableFuture<NatsMessage> pending = clients.track(client.requestAsync("c", new byte[0], TIMEOUT));
            long startNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            assertThatThrownBy(pending::join).hasMessageContaining("closed");
            events.await(Kind.CLOSED);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.ERROR, Kind.CLOSED);
            assertThat(events.await(Kind.ERROR).cause()).hasMessageContaining("0 publishes in doubt and 1 never sent");
        }
    }

    private static void closeFromServer(ScriptedServer scripted) {
        try {
            scripted.connection(0).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void endsAConnectThatIsInterrupted() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (ScriptedServer silent = ScriptedServer.start()) {
            Thread caller = new Thread(() -> {
                try {
                    NatsClient.connect(NatsOptions.builder()
                                    .servers(silent.url())
                                    .connectTimeout(TIMEOUT)
                                    .build())
                            .close();
                } catch (NatsException e) {
                    thrown.set(e);
                }
            });
            caller.start();
            silent.awaitConnection(0, TIMEOUT);

            caller.interrupt();
            caller.join(TIMEOUT.toMillis());

            assertThat(thrown.get()).hasMessageContaining("interrupted");
            silent.connection(0).awaitClientClose(TIMEOUT);
        }
    }
}
