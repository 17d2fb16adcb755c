package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that is made before there is a server. */
@NoLeaks
class InitialConnectIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(20);
    private static final int MESSAGES = 100;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder trying(String url) {
        return NatsOptions.builder()
                .servers(url)
                .listener(events)
                .retryOnInitialConnect(true)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    @Test
    void credentialsThatAreNotThereYetAreWaitedFor() {
        AtomicInteger asked = new AtomicInteger();
        try (NatsServer server = NatsServer.start(
                        NatsServerConfig.builder().user("duck", "quack").build());
                NatsClient client = clients.connect(trying(server.url()).user("duck", () -> {
                    if (asked.incrementAndGet() < 3) {
                        throw new IllegalStateException("the secret is not mounted yet");
                    }
                    return "quack";
                }))) {
            client.flush(TIMEOUT);

            assertThat(asked).hasValueGreaterThanOrEqualTo(3);
            assertThat(client.connectedUrl()).contains(server.url());
        }
    }

    @Test
    void whatIsDoneBeforeThereIsAServerIsDoneWhenThereIsOne() {
        Numbers published = new Numbers();
        Numbers delivered = new Numbers();
        try (SoleServer sole = new SoleServer();
                RawNats receiver = Peers.receiver(sole.server, "early", published);
                RawNats responder = Peers.responder(sole.server, "echo")) {
            sole.shutWay();
            try (NatsClient client = clients.connect(trying(sole.url()))) {
                assertThat(client.connectedUrl()).isEmpty();
                client.subscribe("late", message -> delivered.add(message.payload()));
                for (int i = 1; i <= MESSAGES; i++) {
                    client.publish("early", Numbers.payload(i));
                }
                CompletableFuture<NatsMessage> reply =
                        clients.track(client.requestAsync("echo", Numbers.payload(7), TIMEOUT));
                assertThat(events.kinds()).isEmpty();
                assertThat(published.count()).isZero();

                sole.openWay();
                client.flush(TIMEOUT);
                receiver.ping();

                assertThat(events.await(Kind.CONNECTED).url()).isEqualTo(sole.url());
                assertThat(published.missing(MESSAGES)).isEmpty();
                assertThat(published.received()).isSorted().hasSize(MESSAGES);
                assertThat(reply.join().payload()).isEqualTo(Numbers.payload(7));
                receiver.publish("late", Numbers.payload(1));
                receiver.ping();
                Eventually.eventually("a message of the early subscription", () -> delivered.count() == 1);
                assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
                responder.ping();
            }
        }
    }

    @Test
    void aMoveThatIsAskedForIsMadeByTheFirstConnection() {
        try (SoleServer sole = new SoleServer()) {
            sole.shutWay();
            try (NatsClient client = clients.connect(trying(sole.url()))) {
                CompletableFuture<Void> moved = clients.track(CompletableFuture.runAsync(client::reconnect));

                sole.openWay();
                moved.join();

                assertThat(client.connectedUrl()).contains(sole.url());
            }
        }
    }

    @Test
    void aClientThatIsStillConnectingClosesAtOnce() {
        try (SoleServer sole = new SoleServer()) {
            sole.shutWay();
            NatsClient client = clients.connect(trying(sole.url()));
            client.publish("never", new byte[0]);
            long startNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            events.await(Kind.CLOSED);
            assertThat(events.of(Kind.ERROR))
                    .singleElement()
                    .satisfies(error -> assertThat(error.cause()).hasMessageContaining("1 never sent"));
        }
    }

    @Test
    void aClientThatNobodyTakesEndsAtItsLimitAndSaysWhy() {
        try (SoleServer sole = new SoleServer()) {
            sole.shutWay();
            try (NatsClient client = clients.connect(trying(sole.url()).maxReconnectAttempts(3))) {
                events.await(Kind.CLOSED);

                assertThat(events.of(Kind.ERROR).get(0).cause())
                        .hasMessageContaining("maxReconnectAttempts=3")
                        .hasMessageContaining(sole.url());
                assertThat(client.tryPublish("never", new byte[0])).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            }
        }
    }

    @Test
    void refusedCredentialsAreToldAtOnce() {
        NatsServerConfig guarded =
                NatsServerConfig.builder().user("duck", "s3cret").build();
        try (NatsServer server = NatsServer.start(guarded)) {
            NatsOptions wrong = trying(server.url()).user("duck", "wr0ng").build();

            assertThatThrownBy(() -> NatsClient.connect(wrong).close())
                    .isInstanceOfSatisfying(
                            NatsException.class,
                            e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_AUTH_FAILED));
        }
    }

    @Test
    void withoutTheOptionItFailsNamingTheServer() {
        try (SoleServer sole = new SoleServer()) {
            sole.shutWay();
            NatsOptions once = trying(sole.url()).retryOnInitialConnect(false).build();

            assertThatThrownBy(() -> NatsClient.connect(once).close())
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER))
                    .hasMessageContaining(sole.url());
        }
    }
}
