package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * N real servers on loopback, every one with a route to every other.
 *
 * <p>Threading: as {@link NatsServer}.
 */
public final class NatsCluster implements AutoCloseable {
    private static final Duration ROUTES_TIMEOUT = Duration.ofSeconds(15);
    private static final int MAX_CONNECTIONS_LISTED = 10_000;

    private final List<NatsServer> servers = new ArrayList<>();
    private final List<Integer> routePorts;

    private NatsCluster(int size, NatsServerConfig template) {
        routePorts =
                IntStream.range(0, size).mapToObj(i -> LoopbackPorts.reserve()).toList();
        try {
            for (int i = 0; i < size; i++) {
                servers.add(new NatsServer(template.toBuilder()
                        .name("n" + (i + 1))
                        .cluster("mallard", routePorts.get(i), othersThan(i))
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

    /** A running cluster; every server has the template's configuration with a name {@code n1, n2, …} and routes of its own. */
    public static NatsCluster start(int size, NatsServerConfig template) {
        return new NatsCluster(size, template);
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

    public List<String> urls() {
        return servers.stream().map(NatsServer::url).toList();
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

    /** The names of the clients that are connected to a server. */
    public List<String> connections(int index) {
        JsonNode connz = server(index).monitoring("/connz?limit=" + MAX_CONNECTIONS_LISTED);
        return elements(connz.path("connections"))
                .map(connection -> connection.path("name").asText())
                .toList();
    }

    /** Waits until every running server has all its routes to the other running servers, and none to anybody else. */
    public void awaitRoutes() {
        Await.until("routes between all servers", ROUTES_TIMEOUT, this::isFullMesh, this::logTails);
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
        routePorts.forEach(LoopbackPorts::release);
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
            others.remove(routez.path("server_id").asText());
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

    private List<Integer> othersThan(int index) {
        return IntStream.range(0, routePorts.size())
                .filter(i -> i != index)
                .mapToObj(routePorts::get)
                .toList();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
