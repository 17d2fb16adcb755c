package io.mallard.it.chaos;

import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.RouteDelay;
import io.mallard.it.support.RouteProxy;
import io.mallard.it.support.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Three servers for the client, each behind a way of its own, and a fourth in the same cluster for the judge, to which nothing
 * happens. Every route between two servers goes through a proxy.
 *
 * <p>Threading: as {@link NatsCluster}.
 */
final class ChaosCluster implements AutoCloseable {
    /** Servers of the client. */
    static final int NODES = 3;

    private static final int JUDGE = NODES;

    /** The client plans 0.55 s of it for itself; the rest is for a machine that does not run it. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final NatsCluster servers;
    private final List<TcpProxy> ways = new ArrayList<>();

    ChaosCluster(String version) {
        NatsServerConfig template =
                NatsServerConfig.builder().version(version).lameDuckGrace(GRACE).build();
        servers = NatsCluster.start(NODES + 1, template, everyRoute());
        try {
            for (int node = 0; node < NODES; node++) {
                TcpProxy way = TcpProxy.start(server(node).port());
                ways.add(way);
                advertise(server(node), way);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    NatsCluster servers() {
        return servers;
    }

    NatsServer server(int node) {
        return servers.server(node);
    }

    NatsServer judges() {
        return servers.server(JUDGE);
    }

    /** From the client to a server. */
    TcpProxy way(int node) {
        return ways.get(node);
    }

    List<TcpProxy> ways() {
        return List.copyOf(ways);
    }

    /** Where the client finds the three. */
    List<String> clientUrls() {
        return ways.stream().map(TcpProxy::url).toList();
    }

    /** Between a server and the one of the judge. */
    RouteProxy routeToJudge(int node) {
        return servers.routeProxy(node, JUDGE);
    }

    /** Between a server and all others. */
    List<RouteProxy> routes(int node) {
        return IntStream.rangeClosed(0, JUDGE)
                .filter(peer -> peer != node)
                .mapToObj(peer -> servers.routeProxy(node, peer))
                .toList();
    }

    @Override
    public void close() {
        ways.forEach(TcpProxy::close);
        servers.close();
    }

    /** The cluster tells clients of the way, and not of what is behind it: so they know when a server is back. */
    private static void advertise(NatsServer server, TcpProxy way) {
        server.reload(server.config().toBuilder()
                .extra("client_advertise: \"127.0.0.1:" + way.port() + "\"")
                .build());
    }

    private static RouteDelay[] everyRoute() {
        return IntStream.rangeClosed(0, JUDGE)
                .boxed()
                .flatMap(node -> IntStream.range(0, node).mapToObj(peer -> new RouteDelay(peer, node, Duration.ZERO)))
                .toArray(RouteDelay[]::new);
    }
}
