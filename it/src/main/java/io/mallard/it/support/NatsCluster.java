package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * N real servers on loopback, every one with a route to every other. Between the pairs given by {@link RouteDelay} it goes through a
 * {@link RouteProxy}.
 *
 * <p>Threading: as {@link NatsServer}.
 */
public final class NatsCluster implements AutoCloseable {
    private static final Duration ROUTES_TIMEOUT = Duration.ofSeconds(15);

    private final List<NatsServer> servers = new ArrayList<>();
    private final List<RouteProxy> proxies = new ArrayList<>();
    private final List<Integer> routePorts;
    /** Nobody ever listens here. */
    private final int deadPort = LoopbackPorts.reserve();

    private NatsCluster(int size, NatsServerConfig template, List<RouteDelay> delays) {
        routePorts =
                IntStream.range(0, size).mapToObj(i -> LoopbackPorts.reserve()).toList();
        try {
            for (RouteDelay delay : delays) {
                proxies.add(new RouteProxy(delay, routePorts.get(delay.otherNode())));
            }
            for (int i = 0; i < size; i++) {
                servers.add(new NatsServer(template.toBuilder()
                        .name("n" + (i + 1))
                        .cluster(placeOf(i))
                        .build()));
            }
            servers.forEach(NatsServer::start);
            awaitRoutes();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A running cluster of servers with the defaults. */
    public static NatsCluster start(int size) {
        return start(size, NatsServerConfig.builder().build());
    }

    /**
     * A running cluster; every server has the template's configuration with a name {@code n1, n2, …} and routes of its own.
     *
     * @param delays at most one for each pair of nodes
     */
    public static NatsCluster start(int size, NatsServerConfig template, RouteDelay... delays) {
        return new NatsCluster(size, template, List.of(delays));
    }

    public int size() {
        return servers.size();
    }

    public NatsServer server(int index) {
        return servers.get(index);
    }

    public List<NatsServer> servers() {
        return List.copyOf(servers);
    }

    /** What delays the routes between two nodes, whichever is named first; they must have been given a {@link RouteDelay}. */
    public RouteProxy routeProxy(int oneNode, int otherNode) {
        return findProxy(oneNode, otherNode)
                .orElseThrow(() -> new IllegalArgumentException("no delay between " + oneNode + " and " + otherNode));
    }

    public List<String> urls() {
        return servers.stream().map(NatsServer::url).toList();
    }

    public List<String> webSocketUrls() {
        return servers.stream().map(NatsServer::webSocketUrl).toList();
    }

    public void lameDuck(int index) {
        server(index).lameDuck();
    }

    public void kill(int index) {
        server(index).kill();
    }

    /** Ends the server if it runs, starts it again, and returns when it and all running others see each other. */
    public void restart(int index) {
        server(index).restart();
        awaitRoutes();
    }

    /** As {@link #restart(int)}, with the server of another version. */
    public void restart(int index, String version) {
        server(index).restart(version);
        awaitRoutes();
    }

    /** The names of the clients that are connected to a server. */
    public List<String> connections(int index) {
        JsonNode connz = server(index).monitoring("/connz?limit=" + NatsServer.MAX_CONNECTIONS_LISTED);
        return elements(connz.path("connections"))
                .map(connection -> connection.path("name").asText())
                .toList();
    }

    /**
     * Waits until every running server has all its routes to the other running servers, and none to anybody else. Throws if one of them
     * bypasses a proxy.
     */
    public void awaitRoutes() {
        Await.until("routes between all servers", ROUTES_TIMEOUT, this::isFullMesh, this::logTails);
        for (RouteProxy proxy : proxies) {
            NatsServer dialing = server(proxy.dialingNode());
            NatsServer accepting = server(proxy.acceptingNode());
            if (dialing.isAlive() && accepting.isAlive()) {
                proxy.requireEveryRoute(dialing.monitoring("/routez"), accepting.monitoring("/routez"));
            }
        }
    }

    /** Ends all processes, also when one of them resists. */
    @Override
    public void close() {
        // All get the signal first, so that their graces run side by side.
        servers.stream().filter(NatsServer::isAlive).forEach(NatsServer::stop);
        RuntimeException failure = null;
        for (NatsServer server : servers) {
            try {
                server.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        proxies.forEach(RouteProxy::close);
        routePorts.forEach(LoopbackPorts::release);
        LoopbackPorts.release(deadPort);
        if (failure != null) {
            throw failure;
        }
    }

    private boolean isFullMesh() throws IOException {
        List<NatsServer> running = servers.stream().filter(NatsServer::isAlive).toList();
        Map<String, Integer> wanted = new HashMap<>();
        for (NatsServer server : running) {
            JsonNode varz = server.query("/varz");
            wanted.put(varz.path("server_id").asText(), routesToOnePeer(varz));
        }
        for (NatsServer server : running) {
            JsonNode routez = server.query("/routez");
            Map<String, Integer> others = new HashMap<>(wanted);
            int own = Objects.requireNonNull(
                    others.remove(routez.path("server_id").asText()));
            // Between two generations there are as many as the older one knows of.
            others.replaceAll((peer, routes) -> Math.min(own, routes));
            Map<String, Integer> routes = new HashMap<>();
            elements(routez.path("routes"))
                    .forEach(route -> routes.merge(route.path("remote_id").asText(), 1, Integer::sum));
            if (!routes.equals(others)) {
                return false;
            }
        }
        return true;
    }

    /** Until 2.9 one; since then a pool that fills one by one, and one more for the system account. */
    private static int routesToOnePeer(JsonNode varz) {
        return varz.path("cluster").path("pool_size").asInt() + 1;
    }

    private String logTails() {
        return servers.stream().map(NatsServer::logTail).collect(Collectors.joining());
    }

    private NatsServerConfig.Cluster placeOf(int node) {
        List<Integer> peerPorts = IntStream.range(0, routePorts.size())
                .filter(peer -> peer != node)
                .mapToObj(peer -> portToDial(node, peer))
                .flatMap(Optional::stream)
                .toList();
        // Servers tell each other where the others are and dial what they were told, past the proxies. Only an address
        // at
        // which nobody is keeps them from it: no_advertise stops the gossip about clients' addresses alone.
        OptionalInt advertisedPort = proxies.isEmpty() ? OptionalInt.empty() : OptionalInt.of(deadPort);
        return new NatsServerConfig.Cluster("mallard", routePorts.get(node), peerPorts, advertisedPort);
    }

    /** Where a node finds its peer; nothing if the peer is to find the node, through a proxy. */
    private Optional<Integer> portToDial(int node, int peer) {
        Optional<RouteProxy> proxy = findProxy(node, peer);
        if (proxy.isEmpty()) {
            return Optional.of(routePorts.get(peer));
        }
        return proxy.filter(found -> found.dialingNode() == node).map(RouteProxy::port);
    }

    private Optional<RouteProxy> findProxy(int oneNode, int otherNode) {
        return proxies.stream()
                .filter(proxy -> proxy.delay().isBetween(oneNode, otherNode))
                .findFirst();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
