package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class ConnectIT {
    private static final String SECRET = "s3cret";
    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats://127.0.0.1:", "nats://localhost:", "127.0.0.1:", "localhost:", "NATS://localhost:"})
    void connectsByNameAndByAddress(String prefix) {
        try (NatsClient client = clients.connect(prefix + server.port())) {
            client.flush(Eventually.LONG);

            assertThat(client.connectedUrl())
                    .hasValueSatisfying(url -> assertThat(url).endsWith(":" + server.port()));
            assertThat(client.isInLameDuckMode()).isFalse();
        }
    }

    @Test
    void passesOverADeadServerOfACommaList() {
        try (ScriptedServer dead = ScriptedServer.start(Step.info())) {
            dead.stopListening();
            NatsOptions.Builder options = NatsOptions.builder()
                    .servers(dead.url() + ", " + server.url())
                    .noRandomize(true);
            try (NatsClient client = clients.connect(options)) {
                assertThat(client.connectedUrl()).contains(server.url());
            }
        }
    }

    @Test
    void takesNoStandbyOnItsOwnServerUnderAnotherName() {
        NatsOptions.Builder options = NatsOptions.builder()
                .servers("nats://127.0.0.1:" + server.port(), "nats://localhost:" + server.port())
                .noRandomize(true)
                .standbyRefillJitter(Duration.ofMillis(1));
        long before = totalConnections();
        try (NatsClient client = clients.connect(options)) {
            Eventually.eventually("the attempt to make a standby", () -> totalConnections() >= before + 2);
            Eventually.eventually(
                    "its end",
                    () -> server.monitoring("/connz").path("num_connections").asInt() == 1);

            assertThat(client.isHotSwapAvailable()).isFalse();
            client.flush(Eventually.LONG);
        }
    }

    @Test
    void doesNotTakeItsFirstConnectionForAStandby() {
        for (int i = 0; i < 20; i++) {
            try (NatsClient client = clients.connect(server.url())) {
                assertThat(client.isHotSwapAvailable()).isFalse();
            }
        }
    }

    private static long totalConnections() {
        return server.monitoring("/varz").path("total_connections").asLong();
    }

    @Test
    void showsItsNameInTheServersMonitoring() {
        try (NatsClient client =
                clients.connect(NatsOptions.builder().servers(server.url()).name("the duck"))) {
            client.flush(Eventually.LONG);

            assertThat(server.monitoring("/connz").path("connections"))
                    .extracting(connection -> connection.path("name").asText())
                    .contains("the duck");
        }
    }

    @Test
    void identifiesByUserAndPassword() {
        try (NatsServer guarded = NatsServer.start(
                        NatsServerConfig.builder().user("duck", SECRET).build());
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(guarded.url()).user("duck", SECRET))) {
            client.flush(Eventually.LONG);

            assertRefused(NatsOptions.builder().servers(guarded.url()).user("duck", "wr0ng"), "wr0ng");
            assertRefused(NatsOptions.builder().servers(guarded.url()), SECRET);
        }
    }

    @Test
    void identifiesByToken() {
        try (NatsServer guarded = NatsServer.start(
                        NatsServerConfig.builder().token(SECRET).build());
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(guarded.url()).token(SECRET))) {
            client.flush(Eventually.LONG);

            assertRefused(NatsOptions.builder().servers(guarded.url()).token("wr0ng"), "wr0ng");
        }
    }

    @Test
    void logsItsOptionsOnceAndNoSecret() {
        try (ClientLog log = ClientLog.open();
                NatsServer guarded = NatsServer.start(
                        NatsServerConfig.builder().user("duck", SECRET).build());
                NatsClient client = clients.connect(NatsOptions.production()
                        .servers(guarded.url())
                        .user("duck", SECRET)
                        .maxPingsOut(3))) {
            client.flush(Eventually.LONG);

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("hotSwapTimeout"))
                    .singleElement()
                    .asString()
                    .startsWith("INFO Starting with the options\n")
                    .contains(
                            "\n  servers - " + guarded.url() + "\n",
                            "\n  user - duck\n",
                            "\n  password - ***\n",
                            "\n  maxPingsOut - 3\n",
                            "\n  hotSwapTimeout - 2s\n",
                            "\n  overlap - 250ms\n",
                            "\n  requestBufferSize - 5000\n");
            assertThat(log.lines()).noneMatch(line -> line.contains(SECRET));
        }
    }

    private static void assertRefused(NatsOptions.Builder options, String secret) {
        NatsOptions built = options.build();
        assertThat(built.toString()).doesNotContain(secret);
        assertThatThrownBy(() -> NatsClient.connect(built).close())
                .asInstanceOf(InstanceOfAssertFactories.type(NatsException.class))
                .satisfies(refused -> {
                    assertThat(refused.status()).isEqualTo(NatsStatus.CONNECTION_AUTH_FAILED);
                    assertThat(refused)
                            .hasMessageContaining(built.servers().get(0))
                            .hasMessageContaining("Authorization Violation")
                            .hasMessageContaining("check the credentials")
                            .hasMessageNotContaining(secret);
                });
    }
}
