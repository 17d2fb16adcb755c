package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The only way between two nodes of a {@link NatsCluster}. One of them dials the proxy for all its routes to the other, which has no
 * address of the first and knows it only by what comes out of the proxy.
 *
 * <p>Threading: as {@link TcpProxy}.
 */
public final class RouteProxy implements AutoCloseable {
    private final RouteDelay delay;
    private final TcpProxy proxy;

    RouteProxy(RouteDelay delay, int acceptingNodesRoutePort) {
        this.delay = delay;
        this.proxy = TcpProxy.start(acceptingNodesRoutePort, delay.delay());
    }

    /** How many connections between the servers go through it now; a pool of routes has several. */
    public int connectionCount() {
        return proxy.connectionCount();
    }

    /** From now on everything between the two is late by this more than at first. */
    public void delayBy(Duration more) {
        proxy.inject(new Fault.Delay(more));
    }

    /** From now on it is as late as at first. */
    public void heal() {
        proxy.heal();
    }

    /** Ends every route and lets no new one through until it is {@link #open}; returns how many those were. */
    public int cut() {
        proxy.shut();
        return proxy.reset();
    }

    /** From now on the two find each other again. */
    public void open() {
        proxy.open();
    }

    /** How many bytes have been delayed so far in both directions, those with which the servers make acquaintance included. */
    public long delayedBytes() {
        return proxy.forwardedBytes();
    }

    @Override
    public void close() {
        proxy.close();
    }

    RouteDelay delay() {
        return delay;
    }

    int dialingNode() {
        return delay.oneNode();
    }

    int acceptingNode() {
        return delay.otherNode();
    }

    /** Where the dialing node finds the accepting one. */
    int port() {
        return proxy.port();
    }

    /** Throws if the nodes have a route to each other that does not go through here. */
    void requireEveryRoute(JsonNode routezOfDialing, JsonNode routezOfAccepting) {
        requirePorts(Set.of(port()), routezOfDialing, routezOfAccepting);
        requirePorts(proxy.dialledFromPorts(), routezOfAccepting, routezOfDialing);
    }

    private static void requirePorts(Set<Integer> remotePorts, JsonNode routez, JsonNode routezOfPeer) {
        String peerId = routezOfPeer.path("server_id").asText();
        List<JsonNode> others = StreamSupport.stream(routez.path("routes").spliterator(), false)
                .filter(route -> route.path("remote_id").asText().equals(peerId))
                .filter(route -> !remotePorts.contains(route.path("port").asInt()))
                .toList();
        if (!others.isEmpty()) {
            throw new NatsServerException(
                    "routes of " + routez.path("server_name").asText()
                            + " that do not go through the proxy, whose ports are " + remotePorts + ": " + others);
        }
    }
}
