package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How often, when and where a client tries to reconnect: the servers say when they were tried. */
@NoLeaks
class ReconnectAttemptsIT {
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration WAIT = Duration.ofMillis(150);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    /** When connections came that were turned away. */
    private final List<Long> triedNs = new CopyOnWriteArrayList<>();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .listener(events)
                .standbys(0)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    /** Serves the first connection, and turns all others away. */
    private ScriptedServer servingOnce() {
        return ScriptedServer.start(List.of(List.of(Step.serve()), turnAway()));
    }

    private List<Step> turnAway() {
        return List.of(connection -> triedNs.add(System.nanoTime()), Step.close());
    }

    private void disconnect(ScriptedServer server) {
        try {
            server.connection(0).close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        events.await(Kind.DISCONNECTED);
    }

    private void awaitAttempts(int count) {
        Eventually.eventually(count + " attempts", () -> triedNs.size() >= count);
    }

    /** The shortest time between two of the first attempts but the very first one, which is made at once. */
    private Duration shortestWait(int attempts) {
        long shortestNs = Long.MAX_VALUE;
        for (int i = 1; i < attempts; i++) {
            shortestNs = Math.min(shortestNs, triedNs.get(i) - triedNs.get(i - 1));
        }
        return Duration.ofNanos(shortestNs);
    }

    @Test
    void triesEachServerAsOftenAsItMayAndThenClosesNamingAll() {
        try (ScriptedServer one = servingOnce();
                ScriptedServer other = ScriptedServer.start(List.of(turnAway()))) {
            NatsClient client = clients.connect(options(one.url(), other.url()).maxReconnectAttempts(3));

            disconnect(one);
            events.await(Kind.CLOSED);

            assertThat(one.connectionCount()).isEqualTo(1 + 3);
            assertThat(other.connectionCount()).isEqualTo(3);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.ERROR, Kind.CLOSED);
            assertThat(events.of(Kind.ERROR).get(0).cause())
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER))
                    .hasMessageContaining("every server has failed as often as it may (maxReconnectAttempts=3)")
                    .hasMessageContaining(one.url() + ": the server closed the connection")
                    .hasMessageContaining(other.url() + ": the server closed the connection");
            assertThat(client.tryPublish("pond", new byte[0])).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            client.close();
        }
    }

    @Test
    void countsAttemptsAnewOnceItIsConnectedAgain() {
        try (NatsServer server = NatsServer.startDefault();
                ScriptedServer dead = ScriptedServer.start(List.of(turnAway()));
                NatsClient client = clients.connect(options(server.url(), dead.url())
                        .reconnectFirstDelay(WAIT)
                        .reconnectMaxDelay(WAIT)
                        .reconnectJitter(0)
                        .maxReconnectAttempts(40))) {
            for (int outage = 0; outage < 2; outage++) {
                int tried = triedNs.size();
                server.stop();
                awaitAttempts(tried + 2);
                server.restart();
                events.await(Kind.RECONNECTED, outage);
            }

            assertThat(client.connectedUrl()).contains(server.url());
            assertThat(events.of(Kind.ERROR)).isEmpty();
        }
    }

    @Test
    void waitsExactlyAsToldWithoutJitter() {
        try (ScriptedServer server = servingOnce();
                NatsClient client = clients.connect(options(server.url())
                        .reconnectFirstDelay(WAIT)
                        .reconnectMaxDelay(WAIT)
                        .reconnectJitter(0))) {
            disconnect(server);

            awaitAttempts(5);
            // The first wait is that of a connection that has not lasted a second.
            assertThat(shortestWait(5)).isBetween(WAIT.minusMillis(20), WAIT.plusSeconds(1));
            assertThat(client.connectedUrl()).isEmpty();
        }
    }

    @Test
    void waitsAsLongAsTheUserSays() {
        List<Integer> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = servingOnce();
                NatsClient client = clients.connect(options(server.url()).reconnectDelay(failedRounds -> {
                    asked.add(failedRounds);
                    return WAIT;
                }))) {
            disconnect(server);

            awaitAttempts(4);
            assertThat(shortestWait(4)).isBetween(WAIT.minusMillis(20), WAIT.plusSeconds(1));
            assertThat(asked).startsWith(1, 2, 3);
            assertThat(client.connectedUrl()).isEmpty();
        }
    }

    @Test
    void reconnectsWhateverNonsenseTheUserSays() {
        try (NatsServer server = NatsServer.startDefault();
                ScriptedServer dead = ScriptedServer.start(List.of(turnAway()));
                NatsClient client =
                        clients.connect(options(server.url(), dead.url()).reconnectDelay(failedRounds -> {
                            return switch (failedRounds % 3) {
                                case 0 -> throw new IllegalStateException("quack");
                                case 1 -> null;
                                default -> Duration.ofSeconds(-1);
                            };
                        }))) {
            server.stop();
            awaitAttempts(6);
            server.restart();

            events.await(Kind.RECONNECTED);
            assertThat(client.connectedUrl()).contains(server.url());
            assertThat(events.of(Kind.ERROR))
                    .extracting(error -> error.cause().getMessage())
                    .anyMatch(text -> text.endsWith("quack"))
                    .anyMatch(text -> text.endsWith("null"))
                    .anyMatch(text -> text.endsWith("PT-1S"));
        }
    }

    @Test
    void keepsToItsServersIfItIsToIgnoreOthers() {
        try (NatsCluster cluster = NatsCluster.start(2);
                ClientLog log = ClientLog.open();
                NatsClient client = clients.connect(options(cluster.urls().get(0))
                        .ignoreDiscoveredServers(true)
                        .standbys(1))) {
            client.flush(Eventually.LONG);
            long before = totalConnections(cluster.server(1));

            cluster.kill(0);
            events.await(Kind.DISCONNECTED);
            Eventually.eventually(
                    "five rounds",
                    () -> log.lines("WARN").stream()
                                    .filter(line -> line.contains("No server could be connected to: "
                                            + cluster.urls().get(0)))
                                    .count()
                            >= 5);

            assertThat(totalConnections(cluster.server(1))).isEqualTo(before);
            cluster.restart(0);
            assertThat(events.await(Kind.RECONNECTED).url())
                    .isEqualTo(cluster.urls().get(0));
        }
    }

    private static long totalConnections(NatsServer server) {
        return server.monitoring("/varz").path("total_connections").asLong();
    }
}
