package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReason;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.support.Await;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NetworkNamespaces;
import io.mallard.it.support.NetworkNamespaces.Link;
import io.mallard.it.support.NoLeaks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers whose network is parted: packets vanish, and nobody is told by an end or a reset. */
@Tag("namespaces")
@NoLeaks
class PartitionIT {
    private static final String CLIENT = "parted";
    private static final int NODES = 3;
    private static final int ROUTE_PORT = 6222;
    private static final int MESSAGES = 300;
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(15);
    /** Ten times what may be in doubt, for a machine that has other things to do. */
    private static final Duration WIDEST = Duration.ofSeconds(1);
    /** Longer than TCP waits before it sends again what it has sent in vain, in a cut of some seconds. */
    private static final Duration LATEST = Duration.ofSeconds(10);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    private final History history = new History();
    private final List<NatsServer> servers = new ArrayList<>();
    private final Deque<Runnable> open = new ArrayDeque<>();
    private NetworkNamespaces hosts;

    @BeforeEach
    void start() {
        hosts = NetworkNamespaces.create(NODES);
        open.push(hosts::close);
        for (int node = 0; node < NODES; node++) {
            NatsServer server = new NatsServer(config(node));
            servers.add(server);
            open.push(server::close);
            server.start();
        }
        servers.forEach(server -> awaitRoutes(server, NODES - 1));
    }

    private NatsServerConfig config(int node) {
        List<String> peers = IntStream.range(0, NODES)
                .filter(peer -> peer != node)
                .mapToObj(peer -> "\"nats://" + hosts.peerAddress(peer) + ":" + ROUTE_PORT + "\"")
                .toList();
        return NatsServerConfig.builder()
                .name("n" + (node + 1))
                .place(hosts.place(node))
                .extra("""
                        ping_interval: "1s"
                        ping_max: 2
                        cluster { name: "parted", listen: "%s:%d", routes: %s }
                        """.formatted(hosts.peerAddress(node), ROUTE_PORT, peers))
                .build();
    }

    @AfterEach
    void stop() {
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().run();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Until this server, by its own account, has routes to so many others. */
    private static void awaitRoutes(NatsServer server, int peers) {
        Await.until(
                peers + " peers of " + server.name(),
                LONG,
                () -> server.monitoring("/routez").path("routes").findValuesAsText("remote_id").stream()
                                .distinct()
                                .count()
                        == peers);
    }

    private NatsOptions.Builder options() {
        return NatsOptions.builder()
                .servers(servers.stream().map(NatsServer::url).toArray(String[]::new))
                .noRandomize(true)
                .name(CLIENT)
                .listener(events)
                .pingInterval(Duration.ofMillis(200))
                .maxPingsOut(2)
                .connectTimeout(Duration.ofMillis(500))
                .publishTimeout(TimedLoads.DEADLINE)
                .writeTimeout(Duration.ofSeconds(1))
                .standbyCheckInterval(Duration.ofMillis(200))
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON);
    }

    private NatsClient connect(NatsOptions.Builder options) {
        NatsClient client = clients.connect(options);
        open.push(client::close);
        Eventually.eventually("the standby", client::isHotSwapAvailable);
        assertThat(client.connectedUrl()).contains(servers.get(0).url());
        return client;
    }

    private Traffic traffic(NatsClient client, int farNode) {
        Traffic traffic = new Traffic(history, client, servers.get(farNode).url(), "node-" + farNode);
        open.push(traffic::close);
        return traffic;
    }

    private void cut(Link link, int node) {
        history.event(link + " of node " + node + " cut");
        hosts.cut(link, node);
        assertThat(hosts.isUp(link, node)).isFalse();
    }

    private void heal(Link link, int node) {
        history.event(link + " of node " + node + " healed");
        hosts.heal(link, node);
    }

    @Test
    void aServerThatIsCutOffIsLeftAndCostsNoMoreThanWhatIsInDoubt() {
        NatsClient client = connect(options());
        Traffic traffic = traffic(client, 2);
        traffic.awaitMore(MESSAGES);

        long cutNs = System.nanoTime();
        cut(Link.CLIENTS, 0);
        Event lost = events.await(Kind.DISCONNECTED);
        Event back = events.await(Kind.RECONNECTED);
        long healthyNs = traffic.awaitHealthNs();
        traffic.awaitMore(MESSAGES);
        heal(Link.CLIENTS, 0);

        assertThat(lost.url()).isEqualTo(servers.get(0).url());
        assertThat(back.url()).isEqualTo(servers.get(1).url());
        assertThat(lost.cause()).hasMessageContaining("stale connection");
        assertThat(Duration.ofNanos(back.atNs() - cutNs)).isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
        Await.until(
                "the server to have seen it end",
                LONG,
                () -> servers.get(0)
                        .monitoring("/connz?state=closed")
                        .path("connections")
                        .findValuesAsText("name")
                        .contains(CLIENT));
        traffic.awaitMore(MESSAGES);
        traffic.finish();
        traffic.out.mayLose(client.metrics().publishesInDoubt());
        traffic.in.mayLoseBetween(cutNs - WIDEST.toNanos(), healthyNs);
        traffic.requests.mayFailBetween(cutNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
        history.assertExact(LATEST);
    }

    @Test
    void aServerThatIsCutOffIsSuspectedLongBeforeItCountsAsLost() {
        NatsClient client =
                connect(options().pingInterval(Duration.ofSeconds(20)).suspectAfter(Duration.ofMillis(400)));
        Traffic traffic = traffic(client, 2);
        traffic.awaitMore(MESSAGES);

        long cutNs = System.nanoTime();
        cut(Link.CLIENTS, 0);
        Event moved = events.await(Kind.HANDOVER);
        long healthyNs = traffic.awaitHealthNs();

        assertThat(moved.url()).isEqualTo(servers.get(1).url());
        assertThat(Duration.ofNanos(moved.atNs() - cutNs)).isLessThan(Duration.ofSeconds(3));
        assertThat(events.awaitReport(0).reason()).isEqualTo(HandoverReason.SUSPECT);
        traffic.awaitMore(MESSAGES);
        traffic.finish();
        traffic.out.mayLose(client.metrics().publishesInDoubt());
        traffic.in.mayLoseBetween(cutNs - WIDEST.toNanos(), healthyNs);
        traffic.requests.mayFailBetween(cutNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
        history.assertExact(LATEST);
    }

    /** TCP sends again what was lost before anybody has lost patience. */
    @Test
    void routesThatAreCutForAMomentLoseRepeatAndReorderNothing() {
        NatsClient client = connect(options());
        Traffic traffic = traffic(client, 2);
        traffic.awaitMore(MESSAGES);

        cut(Link.PEERS, 0);
        traffic.awaitMoreSent(MESSAGES);
        heal(Link.PEERS, 0);

        traffic.awaitHealthNs();
        traffic.awaitMore(MESSAGES);
        traffic.finish();
        history.assertExact(LATEST);
        assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
    }

    /** Nobody but its server can tell the client; what goes no further than that server goes on, and the rest when the routes are back. */
    @Test
    void anIslandServesItsOwnAndIsPartOfTheWholeAgainWhenItsRoutesAreBack() {
        NatsClient client = connect(options());
        Traffic traffic = traffic(client, 2);
        Traffic own = traffic(client, 0);
        traffic.awaitMore(MESSAGES);

        long cutNs = System.nanoTime();
        cut(Link.PEERS, 0);
        awaitRoutes(servers.get(0), 0);
        awaitRoutes(servers.get(2), 1);
        own.awaitMore(MESSAGES);
        heal(Link.PEERS, 0);
        servers.forEach(server -> awaitRoutes(server, NODES - 1));

        long healthyNs = traffic.awaitHealthNs();
        traffic.awaitMore(MESSAGES);
        traffic.finish();
        own.finish();
        traffic.out.mayLoseBetween(cutNs - WIDEST.toNanos(), healthyNs);
        traffic.in.mayLoseBetween(cutNs - WIDEST.toNanos(), healthyNs);
        // What was on its way on the old routes may arrive behind what the new ones bring: seen once in some twenty
        // runs.
        traffic.out.mayBeOvertakenBetween(cutNs - WIDEST.toNanos(), healthyNs);
        traffic.in.mayBeOvertakenBetween(cutNs - WIDEST.toNanos(), healthyNs);
        traffic.requests.mayFailBetween(cutNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
        history.assertExact(LATEST);
        assertThat(events.kinds()).as("its server is there").containsExactly(Kind.CONNECTED);
        assertThat(client.connectedUrl()).contains(servers.get(0).url());
    }
}
