package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.ClientMetrics;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client counts, against what its server does. */
@NoLeaks
class StatisticsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MESSAGES = 1_000;

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void messagesAndBytesAreThoseOfTheServer() {
        AtomicInteger handled = new AtomicInteger();
        try (NatsServer server = NatsServer.startDefault();
                RawNats responder = Peers.responder(server, "s.echo");
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(server.url())
                        .name("counted")
                        .standbys(0))) {
            client.subscribe("s.mine", message -> handled.incrementAndGet());
            for (int i = 0; i < MESSAGES; i++) {
                client.publish("s.mine", new byte[i % 100]);
            }
            for (int i = 0; i < 10; i++) {
                client.request("s.echo", new byte[100], TIMEOUT);
            }
            Eventually.eventually("every message", () -> handled.get() == MESSAGES);
            client.flush(TIMEOUT);

            ClientMetrics metrics = client.metrics();
            JsonNode seen = connection(server);

            assertThat(metrics.messagesSent()).isEqualTo(MESSAGES + 10);
            assertThat(metrics.messagesSent()).isEqualTo(seen.path("in_msgs").asLong());
            assertThat(metrics.messagesReceived()).isEqualTo(MESSAGES + 10);
            assertThat(metrics.messagesReceived())
                    .isEqualTo(seen.path("out_msgs").asLong());
            // A server counts payloads alone.
            assertThat(metrics.bytesSent()).isGreaterThan(seen.path("in_bytes").asLong());
            assertThat(metrics.bytesReceived())
                    .isGreaterThan(seen.path("out_bytes").asLong());
            assertThat(metrics.bytesSent()).isLessThan(seen.path("in_bytes").asLong() + (MESSAGES + 100) * 64L);
            assertThat(metrics.reconnects()).isZero();
            assertThat(metrics.messagesDropped()).isZero();
            assertThat(responder.errors()).isEmpty();
        }
    }

    private static JsonNode connection(NatsServer server) {
        for (JsonNode connection : server.monitoring("/connz").path("connections")) {
            if (connection.path("name").asText().equals("counted")) {
                return connection;
            }
        }
        throw new AssertionError("the server knows no connection of that name");
    }

    @Test
    void theRoundTripIsThatOfTheServerThatIsThere() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            assertThat(client.rtt(TIMEOUT)).isBetween(Duration.ofNanos(1), TIMEOUT);

            server.pause();
            try {
                assertThatThrownBy(() -> client.rtt(Duration.ofMillis(100)))
                        .isInstanceOfSatisfying(
                                NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
            } finally {
                server.resume();
            }
        }
    }

    @Test
    void nothingThatIsAskedForWaitsWhileThereIsNoConnection() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            server.kill();
            Eventually.eventually("the loss", () -> client.connectedUrl().isEmpty());

            long startNs = System.nanoTime();
            client.metrics();
            client.isHotSwapAvailable();
            client.isInLameDuckMode();
            client.connectedUrl();
            client.hotSwapClient();
            assertThatThrownBy(() -> client.rtt(TIMEOUT))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofMillis(500));
        }
    }
}
