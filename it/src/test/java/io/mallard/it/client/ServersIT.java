package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list of servers changes while the client lives. The servers know of nothing but each client that comes. */
@NoLeaks
class ServersIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(20);
    private static final String NAME = "ducky";

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .name(NAME)
                .noRandomize(true)
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON);
    }

    private static int connections(NatsServer server) {
        return server.monitoring("/connz").path("num_connections").asInt();
    }

    @Test
    void theConnectionStaysAndTheStandbyMoves() {
        try (NatsServer one = NatsServer.startDefault();
                NatsServer two = NatsServer.startDefault();
                NatsServer three = NatsServer.startDefault();
                NatsClient client = clients.connect(options(one.url(), two.url()))) {
            Eventually.eventually("the standby", () -> connections(two) == 1);

            client.servers(three.url());

            Eventually.eventually("the standby there", () -> connections(three) == 1);
            Eventually.eventually("the end of the other one", () -> connections(two) == 0);
            assertThat(connections(one)).isEqualTo(1);
            assertThat(client.connectedUrl()).contains(one.url());
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);

            client.reconnect();

            assertThat(client.connectedUrl()).contains(three.url());
            Eventually.eventually("the end of the first one", () -> connections(one) == 0);
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
        }
    }

    @Test
    void aClientWithoutAConnectionFindsTheNewServerAtOnce() {
        try (NatsServer old = NatsServer.startDefault();
                NatsServer next = NatsServer.startDefault();
                NatsClient client = clients.connect(options(old.url())
                        .reconnectFirstDelay(Duration.ofMinutes(5))
                        .reconnectMaxDelay(Duration.ofMinutes(5)))) {
            old.kill();
            events.await(Kind.DISCONNECTED);

            client.servers(next.url() + ", " + old.url());

            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(next.url());
            client.flush(TIMEOUT);
            assertThat(connections(next)).isEqualTo(1);
        }
    }

    @Test
    void serversThatAreNoLongerConfiguredAreNotTried() {
        try (NatsServer first = NatsServer.startDefault();
                ScriptedServer dropped = ScriptedServer.start(Step.serve());
                NatsServer next = NatsServer.startDefault();
                NatsClient client =
                        clients.connect(options(first.url(), dropped.url()).standbys(0))) {
            client.servers(first.url(), next.url());

            first.kill();

            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(next.url());
            assertThat(dropped.connectionCount()).isZero();
        }
    }

    @Test
    void credentialsInTheNewUrlsAreUsed() {
        NatsServerConfig guarded =
                NatsServerConfig.builder().user("duck", "n3w").build();
        try (NatsServer open = NatsServer.startDefault();
                NatsServer server = NatsServer.start(guarded);
                NatsClient client = clients.connect(options(open.url()).standbys(0))) {
            client.servers("nats://duck:n3w@127.0.0.1:" + server.port());

            client.reconnect();

            assertThat(client.connectedUrl()).contains(server.url());
            assertThat(server.monitoring("/connz?auth=1").path("connections"))
                    .extracting(connection -> connection.path("authorized_user").asText())
                    .containsExactly("duck");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | servers: NATS address should not be empty",
                "http://a:1 | servers: server URL \"http://a:1\": only nats://, tls://, ws:// and wss:// URLs are supported",
                "nats://duck:s3cret@a:0 | servers: server URL \"***@a:0\": the port must be a number from 1 to 65535",
                "tls://a:1 | servers: the URL of a server begins with tls://, but tls=AUTOMATIC;"
                        + " make the client with tls=REQUIRED",
            })
    void whatIsNoServerIsRefusedAsInOptions(String url, String message) {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(options(server.url()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.servers(url))
                    .withMessage(message);

            assertThat(client.connectedUrl()).contains(server.url());
        }
    }

    @Test
    void aClosedClientTakesNone() {
        try (NatsServer server = NatsServer.startDefault()) {
            NatsClient client = clients.connect(options(server.url()));
            client.close();

            assertThatThrownBy(() -> client.servers(server.url()))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
        }
    }
}
