package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The connections beside the one in use: how many, where, and what becomes of those that are of no use. */
@NoLeaks
class StandbyIT {
    private static final String NAME = "ducky";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration GRACE = Duration.ofSeconds(3);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .name(NAME)
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON);
    }

    private static NatsCluster cluster(int size) {
        return NatsCluster.start(
                size, NatsServerConfig.builder().lameDuckGrace(GRACE).build());
    }

    private static void awaitOn(NatsCluster cluster, int... nodes) {
        for (int node : nodes) {
            Eventually.eventually(
                    "a connection to node " + node,
                    () -> cluster.connections(node).equals(List.of(NAME)));
        }
    }

    @Test
    void keepsTwoStandbysOnTwoServersAndGoesThroughThem() {
        try (NatsCluster cluster = cluster(3);
                NatsClient client =
                        clients.connect(options(cluster.urls().get(0)).standbys(2))) {
            awaitOn(cluster, 0, 1, 2);

            cluster.lameDuck(0);
            String second = events.await(Kind.HANDOVER).url();
            cluster.lameDuck(cluster.urls().indexOf(second));
            String third = events.await(Kind.HANDOVER, 1).url();

            assertThat(List.of(cluster.urls().get(0), second, third))
                    .containsExactlyInAnyOrderElementsOf(cluster.urls());
            client.flush(TIMEOUT);
            Eventually.eventually("the end of both handovers", () -> !client.isInLameDuckMode());
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
        }
    }

    @Test
    void replacesAStandbyThatWasKilled() {
        try (NatsCluster cluster = cluster(3);
                NatsClient client = clients.connect(options(cluster.urls().toArray(String[]::new)))) {
            awaitOn(cluster, 1);
            assertThat(cluster.connections(2)).isEmpty();

            cluster.kill(1);

            awaitOn(cluster, 2);
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(cluster.server(1).isAlive()).isFalse();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
        }
    }

    @Test
    void replacesAStandbyWhoseServerHasStoppedInItsTracks() {
        try (NatsCluster cluster = cluster(3);
                NatsClient client = clients.connect(options(cluster.urls().toArray(String[]::new))
                        .standbyCheckInterval(SHORT)
                        .connectTimeout(SHORT))) {
            awaitOn(cluster, 1);
            assertThat(cluster.connections(2)).isEmpty();

            cluster.server(1).pause();

            awaitOn(cluster, 2);
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
            cluster.server(1).resume();
            Eventually.eventually(
                    "the end of the connection that did not answer",
                    () -> cluster.connections(1).isEmpty());
        }
    }

    @Test
    void prefersTheServersItIsToldToAndMovesToThem() {
        try (NatsCluster cluster = cluster(3);
                NatsClient client = clients.connect(options(cluster.urls().get(0))
                        .hotSwapServers(cluster.urls().get(2)))) {
            awaitOn(cluster, 0, 2);
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(cluster.connections(1)).isEmpty();

            cluster.lameDuck(0);

            assertThat(events.await(Kind.HANDOVER).url())
                    .isEqualTo(cluster.urls().get(2));
            awaitOn(cluster, 1);
        }
    }

    @Test
    void saysOfACandidateThatGoesSilentThatItDidNotValidate() {
        try (NatsServer first = NatsServer.startDefault();
                ScriptedServer silent = ScriptedServer.start(Step.info(), Step.expect("CONNECT "));
                ClientLog log = ClientLog.open();
                NatsClient client =
                        clients.connect(options(first.url(), silent.url()).hotSwapTimeout(SHORT))) {
            Eventually.eventually(
                    "the reason",
                    () -> log.lines()
                            .contains("DEBUG No standby could be made: " + silent.url()
                                    + ": Hot-swap connection validation failed:"
                                    + " timed out waiting for the PONG to CONNECT and PING"));

            assertThat(client.isHotSwapAvailable()).isFalse();
            silent.connection(0).awaitClientClose(TIMEOUT);
        }
    }

    @Test
    void leavesCandidatesThatFailAgainAndAgainInPeaceUntilItsServerLeaves() throws IOException {
        int failures = 3;
        try (ScriptedServer first = ScriptedServer.start(Step.serve());
                ScriptedServer failing = ScriptedServer.start(Step.close());
                NatsClient client = clients.connect(options(first.url(), failing.url())
                        .hotSwapBreakerFailures(failures)
                        .hotSwapBreakerPause(LONG))) {
            Eventually.eventually("as many attempts as it takes", () -> failing.connectionCount() == failures);
            long startNs = System.nanoTime();
            Eventually.eventually("several times the backoff", () -> System.nanoTime() - startNs > 10 * SOON.toNanos());
            assertThat(failing.connectionCount()).isEqualTo(failures);

            first.connection(0).send("INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"ldm\":true}\r\n");

            events.await(Kind.LAME_DUCK);
            Eventually.eventually("more of them", () -> failing.connectionCount() > failures + 1);
            assertThat(client.connectedUrl()).contains(first.url());
        }
    }

    @Test
    void triesAServerThatIsBackHoweverLongThePauseWouldBe() {
        try (NatsCluster cluster = cluster(2);
                ClientLog log = ClientLog.open();
                NatsClient client = clients.connect(options(cluster.urls().toArray(String[]::new))
                        .hotSwapBreakerFailures(1)
                        .hotSwapBreakerPause(LONG))) {
            awaitOn(cluster, 1);
            cluster.kill(1);
            Eventually.eventually(
                    "an attempt in vain",
                    () -> log.lines().stream()
                            .anyMatch(line -> line.startsWith("DEBUG No standby could be made: "
                                    + cluster.urls().get(1))));
            assertThat(client.isHotSwapAvailable()).isFalse();

            cluster.restart(1);

            Eventually.eventually("the standby", client::isHotSwapAvailable);
            awaitOn(cluster, 1);
        }
    }

    @Test
    void mayStandByOnItsOwnServerAgainstABrokenConnection() throws IOException {
        try (ScriptedServer sole = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(options(sole.url()).hotSwapPreferDifferentServer(false))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(sole.connectionCount()).isEqualTo(2);

            sole.connection(0).reset();

            events.await(Kind.RECONNECTED);
            sole.connection(1).awaitLine("^SUB _INBOX", TIMEOUT);
            client.flush(TIMEOUT);
        }
    }

    @Test
    void standsByNowhereWhenItsSoleServerLeaves() {
        try (NatsCluster cluster = cluster(1);
                NatsClient client =
                        clients.connect(options(cluster.urls().get(0)).hotSwapPreferDifferentServer(false))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(cluster.connections(0)).containsExactly(NAME, NAME);

            cluster.lameDuck(0);

            events.await(Kind.LAME_DUCK);
            Eventually.eventually(
                    "the end of the standby", () -> cluster.connections(0).size() == 1);
            assertThat(client.isHotSwapAvailable()).isFalse();
            assertThat(events.of(Kind.HANDOVER)).isEmpty();
            client.flush(TIMEOUT);
        }
    }
}
