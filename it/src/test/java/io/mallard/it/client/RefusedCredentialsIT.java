package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Operator;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that refuses the credentials twice in a row is not asked a third time. */
@NoLeaks
class RefusedCredentialsIT {
    private static final Duration SOON = Duration.ofMillis(20);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder to(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .listener(events)
                .standbys(0)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    private static ScriptedServer refusing(String words) {
        return ScriptedServer.start(
                Step.info(), Step.expect("CONNECT"), Step.send("-ERR '" + words + "'\r\n"), Step.close());
    }

    private static long failedRounds(ClientLog log) {
        return log.lines("WARN").stream()
                .filter(line -> line.contains("No server could be connected to"))
                .count();
    }

    @Test
    void isLeftAloneWhileTheOthersAreTriedOn() {
        try (NatsServer server = NatsServer.startDefault();
                ScriptedServer refusing = refusing("Authorization Violation");
                ClientLog log = ClientLog.open();
                NatsClient client = clients.connect(to(server.url(), refusing.url()))) {
            server.kill();
            Eventually.eventually("ten rounds", () -> failedRounds(log) >= 10);

            assertThat(refusing.connectionCount()).isEqualTo(2);
            assertThat(log.lines())
                    .anyMatch(line -> line.contains(refusing.url() + ": it has refused the credentials twice"));
            server.restart();
            events.await(Kind.RECONNECTED);
            assertThat(client.connectedUrl()).contains(server.url());
        }
    }

    @Test
    void otherWordsAreAnotherError() {
        AtomicInteger refusals = new AtomicInteger();
        Step inTurns = connection -> connection.send(
                refusals.incrementAndGet() % 2 == 0
                        ? "-ERR 'Authorization Violation'\r\n"
                        : "-ERR 'User Authentication Revoked'\r\n");
        try (NatsServer server = NatsServer.startDefault();
                ScriptedServer refusing =
                        ScriptedServer.start(Step.info(), Step.expect("CONNECT"), inTurns, Step.close());
                NatsClient client = clients.connect(to(server.url(), refusing.url()))) {
            server.kill();

            Eventually.eventually("more than two attempts", () -> refusing.connectionCount() >= 6);
            assertThat(client.connectedUrl()).isEmpty();
        }
    }

    @Test
    void aServerThatOnlyHadNoTimeIsTriedOn() {
        try (NatsServer server = NatsServer.startDefault();
                ScriptedServer busy = refusing("Authentication Timeout");
                NatsClient client = clients.connect(to(server.url(), busy.url()))) {
            server.kill();

            Eventually.eventually("more than two attempts", () -> busy.connectionCount() >= 6);
            assertThat(client.connectedUrl()).isEmpty();
        }
    }

    @Test
    void whenEveryServerHasRefusedTwiceTheClientEndsAndSaysWhy() {
        try (NatsServer server = NatsServer.start(
                        NatsServerConfig.builder().user("duck", "0ld").build());
                NatsClient client = clients.connect(to(server.url()).user("duck", "0ld"))) {
            long before = server.monitoring("/varz").path("total_connections").asLong();

            server.reload(NatsServerConfig.builder().user("duck", "n3w").build());

            events.await(Kind.CLOSED);
            assertThat(events.of(Kind.ERROR))
                    .last()
                    .satisfies(last -> assertThat(last.cause()).isInstanceOfSatisfying(NatsException.class, e -> {
                        assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_AUTH_FAILED);
                        assertThat(e)
                                .hasMessageStartingWith(
                                        "the client closes: every server has refused its credentials twice: "
                                                + server.url())
                                .hasMessageContaining("Authorization Violation; check the credentials")
                                .hasMessageNotContaining("0ld");
                    }));
            assertThat(server.monitoring("/varz").path("total_connections").asLong())
                    .isEqualTo(before + 2);
            assertThat(client.tryPublish("pond", new byte[1])).isEqualTo(NatsStatus.CONNECTION_CLOSED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void aUserWhoIsRevokedIsToldSo(String version) {
        Operator operator = new Operator();
        Operator.User duck = operator.user("duck");
        NatsServerConfig.Builder config = NatsServerConfig.builder().version(version);
        try (NatsServer server = NatsServer.start(config.authorization(operator).build());
                NatsClient client = clients.connect(to(server.url())
                        .jwt(duck.jwt())
                        .nkeySeed(duck.key().seed().toCharArray()))) {
            server.reload(config.authorization(operator.revoking(duck)).build());

            assertThat(events.await(Kind.DISCONNECTED).cause()).hasMessageContaining("User Authentication Revoked");
            events.await(Kind.CLOSED);
            assertThat(events.of(Kind.ERROR))
                    .extracting(event -> ((NatsException) event.cause()).status())
                    .containsOnly(NatsStatus.CONNECTION_AUTH_FAILED);
            assertThat(client.connectedUrl()).isEmpty();
        }
    }

    @Test
    void aServerThatHasRefusedASpareConnectionIsTriedAgainWhenItIsNeeded() {
        try (NatsServer server = NatsServer.start(
                        NatsServerConfig.builder().user("duck", "s3cret").build());
                NatsServer other = NatsServer.start(
                        NatsServerConfig.builder().user("duck", "wr0ng").build());
                ClientLog log = ClientLog.open();
                NatsClient client = clients.connect(to(server.url(), other.url())
                        .user("duck", "s3cret")
                        .standbys(1)
                        .standbyRefillJitter(SOON))) {
            Eventually.eventually(
                    "the end of attempts",
                    () -> log.lines("DEBUG").stream()
                            .anyMatch(line -> line.contains("it has refused the credentials twice")));
            other.reload(NatsServerConfig.builder().user("duck", "s3cret").build());

            server.kill();

            events.await(Kind.RECONNECTED);
            assertThat(client.connectedUrl()).contains(other.url());
        }
    }
}
