package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@NoLeaks
class RequestIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    private NatsClient client;

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
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void returnsTheReply() throws Exception {
        try (RawNats responder = Peers.responder(server, "r.echo")) {
            assertThat(client.request("r.echo", "duck".getBytes(UTF_8), TIMEOUT).payload())
                    .isEqualTo("duck".getBytes(UTF_8));
            NatsMessage reply = clients.track(client.requestAsync("r.echo", new byte[0], TIMEOUT))
                    .get();
            assertThat(reply.payload()).isEmpty();
            assertThat(reply.subject()).startsWith("_INBOX.");
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void saysAtOnceThatNobodyAnswers() {
        long startNs = System.nanoTime();

        assertFails(NatsStatus.NO_RESPONDERS, () -> client.request("r.nobody", new byte[0], TIMEOUT));
        CompletableFuture<NatsMessage> reply = clients.track(client.requestAsync("r.nobody", new byte[0], TIMEOUT));
        assertThatThrownBy(reply::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(NatsException.class, e -> {
                    assertThat(e.status()).isEqualTo(NatsStatus.NO_RESPONDERS);
                    assertThat(e).hasMessageContaining("r.nobody");
                });

        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void timesOutWhenItSaid() {
        try (RawNats silent = Peers.receiver(server, "r.silent", message -> {})) {
            for (Duration timeout : List.of(Duration.ofMillis(50), Duration.ofMillis(300))) {
                long startNs = System.nanoTime();

                assertThatThrownBy(() -> client.request("r.silent", new byte[0], timeout))
                        .isInstanceOfSatisfying(
                                NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                        .hasMessageContaining("r.silent")
                        .hasMessageContaining(timeout.toMillis() + " ms");
                assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isBetween(timeout, timeout.plusMillis(500));
            }
            CompletableFuture<NatsMessage> late =
                    clients.track(client.requestAsync("r.silent", new byte[0], Duration.ofMillis(50)));
            assertThatThrownBy(() -> late.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .hasMessageContaining("50 ms");
            assertThat(silent.isClosed()).isFalse();
        }
    }

    @Test
    void givesEachOfManyThreadsItsOwnReply() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try (RawNats responder = Peers.responder(server, "r.echo")) {
            List<CompletableFuture<Void>> callers = IntStream.range(0, 64)
                    .mapToObj(thread -> clients.track(CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 50; i++) {
                                    byte[] question = (thread + "/" + i).getBytes(UTF_8);
                                    assertThat(client.request("r.echo", question, TIMEOUT)
                                                    .payload())
                                            .isEqualTo(question);
                                }
                            },
                            threads)))
                    .toList();
            for (CompletableFuture<Void> caller : callers) {
                caller.get();
            }
            assertThat(responder.isClosed()).isFalse();
            assertThat(client.metrics().pendingRequests()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void keepsThousandsOfRequestsApart() throws Exception {
        try (RawNats responder = Peers.responder(server, "r.echo")) {
            List<CompletableFuture<NatsMessage>> replies = IntStream.range(0, 5000)
                    .mapToObj(i -> clients.track(client.requestAsync("r.echo", Numbers.payload(i), TIMEOUT)))
                    .toList();
            for (int i = 0; i < replies.size(); i++) {
                assertThat(replies.get(i).get().payload()).isEqualTo(Numbers.payload(i));
            }
            assertThat(responder.isClosed()).isFalse();
        }
    }

    @Test
    void dropsALateReplyAndASecondOne() throws InterruptedException {
        BlockingQueue<RawMessage> asked = new LinkedBlockingQueue<>();
        try (RawNats responder = Peers.receiver(server, "r.late", asked::add);
                RawNats echo = Peers.responder(server, "r.echo")) {
            assertFails(NatsStatus.TIMEOUT, () -> client.request("r.late", Numbers.payload(1), Duration.ofMillis(50)));
            RawMessage request = asked.poll(5, TimeUnit.SECONDS);

            responder.publish(request.reply(), Numbers.payload(2));
            responder.publish(request.reply(), Numbers.payload(3));
            responder.ping();

            assertThat(client.request("r.echo", Numbers.payload(4), TIMEOUT).payload())
                    .isEqualTo(Numbers.payload(4));
            assertThat(client.metrics().pendingRequests()).isZero();
            assertThat(events.of(Events.Kind.ERROR)).isEmpty();
            assertThat(echo.isClosed()).isFalse();
        }
    }

    @Test
    void refusesATimeoutThatIsNone() {
        assertFails(NatsStatus.INVALID_ARG, () -> client.request("r.echo", new byte[0], Duration.ZERO));
        assertFails(NatsStatus.INVALID_ARG, () -> client.requestAsync("r.echo", new byte[0], Duration.ofMillis(-1)));
        assertThat(client.metrics().pendingRequests()).isZero();
    }

    @Test
    void givesUpWhenItsThreadIsInterrupted() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        try (RawNats silent = Peers.receiver(server, "r.silent", message -> {})) {
            Thread caller = new Thread(() -> {
                try {
                    client.request("r.silent", new byte[0], TIMEOUT);
                } catch (NatsException e) {
                    thrown.set(e);
                }
                interrupted.set(Thread.currentThread().isInterrupted());
            });
            caller.start();
            Eventually.eventually("the request", () -> client.metrics().pendingRequests() == 1);

            caller.interrupt();
            caller.join(TIMEOUT.toMillis());

            assertThat(thrown.get()).hasMessageContaining("interrupted");
            assertThat(interrupted).hasValue(true);
            assertThat(client.metrics().pendingRequests()).isZero();
            assertThat(silent.isClosed()).isFalse();
        }
    }

    private static void assertFails(NatsStatus status, ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status));
    }
}
