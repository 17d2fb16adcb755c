package io.mallard.it.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.Fault;
import io.mallard.it.support.FaultCounts;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.TcpProxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A {@link Scenario} of three servers in which a client's way to each of them can be made faulty. Whoever judges it goes to node 2 without
 * a detour.
 *
 * <p>Threading: controlled by one thread.
 */
final class FaultScene implements AutoCloseable {
    static final String CLIENT = "faulty";
    private static final Duration SOON = Duration.ofMillis(20);
    private static final long SEED = 20_261_126;

    final Scenario scenario;
    final List<TcpProxy> ways = new ArrayList<>();
    private final Deque<Runnable> open = new ArrayDeque<>();

    FaultScene(Clients clients) {
        this(clients, NatsServerConfig.builder());
    }

    FaultScene(Clients clients, NatsServerConfig.Builder template) {
        scenario = new Scenario(
                clients,
                NatsCluster.start(3, template.lameDuckGrace(Scenario.GRACE).build()));
        open.push(scenario::close);
        for (int node = 0; node < scenario.cluster.size(); node++) {
            TcpProxy way = TcpProxy.start(scenario.cluster.server(node).port(), Duration.ZERO, SEED + node);
            ways.add(way);
            // The client first: it would look for the next way.
            open.addLast(way::close);
        }
    }

    /** Knows the servers by the faulty ways alone, and finds out soon that one is dead. */
    NatsOptions.Builder impatient() {
        return patient()
                .pingInterval(Duration.ofMillis(200))
                .maxPingsOut(2)
                .writeTimeout(Duration.ofSeconds(1))
                .connectTimeout(Duration.ofMillis(500));
    }

    /** Knows the servers by the faulty ways alone. */
    NatsOptions.Builder patient() {
        return scenario.options()
                .servers(ways.stream().map(TcpProxy::url).toArray(String[]::new))
                .ignoreDiscoveredServers(true)
                .name(CLIENT)
                .publishTimeout(TimedLoads.DEADLINE)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON);
    }

    Traffic traffic(NatsClient client) {
        Traffic traffic =
                new Traffic(scenario.history, client, scenario.cluster.server(2).url(), "faulty");
        open.push(traffic::close);
        return traffic;
    }

    void injectEverywhere(Fault fault) {
        ways.forEach(way -> way.inject(fault));
    }

    /** How much of it has happened, over all ways. */
    long happened(ToLongFunction<FaultCounts> count) {
        return ways.stream().mapToLong(way -> count.applyAsLong(way.counts())).sum();
    }

    /** A server in lame duck mode ignores anything milder, and would be waited for. */
    void killLame(int node) {
        scenario.cluster.kill(node);
    }

    /** Those of the client that are open or closed, by a server's own account. */
    static Stream<JsonNode> connections(NatsServer server, String state) {
        JsonNode connections = server.monitoring("/connz?state=" + state).path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .filter(connection -> connection.path("name").asText().equals(CLIENT));
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            open.pop().run();
        }
    }
}
