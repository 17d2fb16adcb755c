package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@NoLeaks
class FlushIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void returnsWhenTheServerHasProcessedEverything() {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.startDefault();
                RawNats receiver = Peers.receiver(server, "f", received);
                NatsClient client = clients.connect(server.url())) {
            for (int i = 1; i <= 50_000; i++) {
                client.publish("f", Numbers.payload(i));
            }
            client.flush(Eventually.LONG);
            receiver.ping();

            assertThat(received.count()).isEqualTo(50_000);
        }
    }

    @Test
    void servesManyThreadsAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            List<CompletableFuture<Void>> callers = IntStream.range(0, 64)
                    .mapToObj(thread -> clients.track(CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 64; i++) {
                                    client.flush(Eventually.LONG);
                                }
                            },
                            threads)))
                    .toList();
            for (CompletableFuture<Void> caller : callers) {
                caller.get();
            }
            assertThat(client.metrics().reconnects()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void timesOutWhenTheServerDoesNotAnswer() {
        try (ScriptedServer silent = ScriptedServer.start(Step.handshake());
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(silent.url()).flushTimeout(Duration.ofMillis(50)))) {
            assertThatThrownBy(() -> client.flush(Duration.ofMillis(50)))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                    .hasMessageContaining("50 ms");
        }
    }

    @Test
    void failsWhenTheConnectionIsLostMeanwhile() throws Exception {
        // Answers the PING behind the subscriptions, which opens the way for publishes, and none after it.
        try (ScriptedServer server =
                        ScriptedServer.start(Step.handshake(), Step.expect("PING"), Step.send("PONG\r\n"));
                NatsClient client = clients.connect(server.url())) {
            CompletableFuture<Void> flush = clients.track(CompletableFuture.runAsync(() -> {
                client.publish("f", new byte[] {1});
                client.flush(Eventually.LONG);
            }));
            server.connection(0).awaitLine("^PUB f 1$", Eventually.LONG);
            Eventually.eventually(
                    "the flush's PING",
                    () -> server.connection(0).lines().stream()
                                    .filter("PING"::equals)
                                    .count()
                            == 4); // of the handshake, of the subscriptions, of the publish, of the flush

            server.connection(0).close();

            assertThatThrownBy(flush::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                    .hasMessageContaining("in doubt");
        }
    }
}
