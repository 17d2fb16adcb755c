package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.Credentials;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Operator;
import io.mallard.it.support.RawNats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A JWT that expires ends a connection, and is replaced before that if there is another one. */
@NoLeaks
class CredentialsExpiryIT {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int LIFETIME_S = 6;

    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    private final Events events = new Events();
    private final Operator operator = new Operator();
    private final NatsServerConfig config =
            NatsServerConfig.builder().authorization(operator).build();
    /** Of credentials that expire at a moment, both as soon as a client is told of them. */
    private Path creds;

    private Instant expiry;

    private NatsOptions.Builder to(NatsServer server) {
        expiry = Instant.ofEpochSecond(Instant.now().getEpochSecond() + LIFETIME_S);
        creds = operator.user("short", expiry).writeTo(directory.resolve("duck.creds"));
        return NatsOptions.builder()
                .servers(server.url())
                .credentialsFile(creds)
                .listener(events)
                .standbyRefillJitter(SOON)
                .reconnectFirstDelay(SOON);
    }

    private void awaitExpiry() {
        Eventually.eventually("the end of the JWT", () -> Instant.now().isAfter(expiry.plusSeconds(1)));
    }

    private void assertMovesWithoutLoss(NatsServer first, NatsServer second, NatsOptions.Builder options) {
        Operator.User forEver = operator.user("judge");
        History history = new History();
        Publisher outbound = history.publisher("client");
        Receiver outside = history.receiver("outside", outbound);
        Publisher inbound = history.publisher("outside");
        Receiver inside = history.receiver("client", inbound);
        try (RawNats receiver = RawNats.connect(second.url(), forEver, message -> outside.received(message.payload()));
                RawNats sender = RawNats.connect(first.url(), forEver, message -> {});
                NatsClient client = clients.connect(options)) {
            receiver.subscribe("out", 1);
            receiver.ping();
            client.subscribe("in", message -> {
                if (message.payload().length > 0) {
                    inside.received(message.payload());
                }
            });
            client.flush(Eventually.LONG);
            operator.user("long").writeTo(creds);
            try (Load out = Load.start(1, 500, number -> client.publish("out", outbound.next()));
                    Load in = Load.start(1, 500, number -> {
                        sender.publish("in", inbound.next());
                        sender.flush();
                    })) {
                HandoverReport report = events.awaitReport(0);
                assertThat(Instant.now()).isBefore(expiry);
                awaitExpiry();
                out.stop();
                in.stop();
                Eventually.eventually("the last messages", () -> outside.isComplete() && inside.isComplete());

                history.assertExact(Scenario.LATEST);
                assertThat(report.reason()).isEqualTo(HandoverReason.CREDENTIALS_EXPIRING);
                assertThat(report.isExact()).as("%s", report).isTrue();
                assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.HANDOVER);
                assertThat(out.failures()).isEmpty();
                assertThat(in.failures()).isEmpty();
            }
        }
    }

    @Test
    void trafficMovesToAConnectionWithAnotherJwtInTimeAndWithoutLoss() {
        try (NatsCluster cluster = NatsCluster.start(2, config)) {
            assertMovesWithoutLoss(cluster.server(0), cluster.server(1), to(cluster.server(0)));
        }
    }

    @Test
    void whereThereIsOneServerItMovesToAnotherConnectionToThat() {
        try (NatsServer only = NatsServer.start(config)) {
            assertMovesWithoutLoss(only, only, to(only).standbys(0));
        }
    }

    @Test
    void aJwtThatComesLateIsFound() {
        try (NatsServer server = NatsServer.start(config);
                NatsClient client = clients.connect(to(server))) {
            events.await(Kind.ERROR);
            operator.user("long").writeTo(creds);

            assertThat(events.awaitReport(0).reason()).isEqualTo(HandoverReason.CREDENTIALS_EXPIRING);
            awaitExpiry();
            client.flush(Eventually.LONG);
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
        }
    }

    @Test
    void aFileThatCannotBeReadIsAWarningAndReadWhenItCan() throws IOException {
        try (NatsServer server = NatsServer.start(config);
                NatsClient client = clients.connect(to(server))) {
            Files.delete(creds);

            assertThat(events.await(Kind.ERROR).cause())
                    .hasMessageContaining(" s, and no connection could be made with others: ")
                    .hasMessageContaining("NoSuchFileException");
            operator.user("long").writeTo(creds);

            assertThat(events.awaitReport(0).reason()).isEqualTo(HandoverReason.CREDENTIALS_EXPIRING);
            client.flush(Eventually.LONG);
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
        }
    }

    @Test
    void withoutAnotherOneTheUserIsWarnedOnceAndTheServerEndsTheConnection() {
        try (NatsCluster cluster = NatsCluster.start(2, config);
                NatsClient client = clients.connect(to(cluster.server(0)))) {
            assertThat(events.await(Kind.ERROR).cause()).isInstanceOfSatisfying(NatsException.class, e -> {
                assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_AUTH_FAILED);
                assertThat(e.getMessage())
                        .matches("the credentials of nats://127.0.0.1:\\d+ expire in [1-5] s, and there are none yet"
                                + " that last longer; the server will close the connection then");
            });

            assertThat(events.await(Kind.DISCONNECTED).cause()).hasMessageContaining("User Authentication Expired");
            events.await(Kind.CLOSED);

            assertThat(Instant.now()).isAfter(expiry.minusSeconds(1));
            assertThat(events.of(Kind.HANDOVER)).isEmpty();
            assertThat(events.of(Kind.ERROR))
                    .extracting(event -> String.valueOf(event.cause().getMessage()))
                    .satisfies(errors -> assertThat(errors)
                            .filteredOn(error -> error.contains(" expire in "))
                            .hasSize(1))
                    .anyMatch(error -> error.contains("User Authentication Expired"))
                    .last()
                    .asString()
                    .startsWith("the client closes: every server has refused its credentials twice: ");
            assertThat(connections(cluster.server(0)) + connections(cluster.server(1)))
                    .as("attempts")
                    .isLessThan(20);
            assertThat(client.tryPublish("pond", new byte[1])).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        }
    }

    private static long connections(NatsServer server) {
        return server.monitoring("/varz").path("total_connections").asLong();
    }

    @Test
    void aConnectionThatTheServerHasEndedIsFollowedByOneWithAnotherJwt() {
        Instant end = Instant.ofEpochSecond(Instant.now().getEpochSecond() + LIFETIME_S);
        Operator.User shortLived = operator.user("short", end);
        Operator.User longLived = operator.user("long");
        NatsOptions.Builder options = NatsOptions.builder().listener(events).authHandler((url, nonce) -> {
            Operator.User user = Instant.now().isBefore(end) ? shortLived : longLived;
            return Credentials.jwt(user.jwt(), user.key().sign(nonce));
        });
        try (NatsServer server = NatsServer.start(config);
                NatsClient client = clients.connect(options.servers(server.url()))) {
            assertThat(events.await(Kind.DISCONNECTED).cause()).hasMessageContaining("User Authentication Expired");

            events.await(Kind.RECONNECTED);
            client.flush(Eventually.LONG);
        }
    }
}
