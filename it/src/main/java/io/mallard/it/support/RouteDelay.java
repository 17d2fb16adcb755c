package io.mallard.it.support;

import java.time.Duration;

/**
 * Says that two nodes of a {@link NatsCluster}, given by their indices, reach each other late.
 *
 * <p>Threading: immutable.
 *
 * @param delay by how much every byte is late, in each direction
 */
public record RouteDelay(int oneNode, int otherNode, Duration delay) {
    /** Far above what loopback takes, far below what a server takes for a dead route. */
    public static final Duration DEFAULT_DELAY = Duration.ofMillis(50);

    public RouteDelay {
        if (oneNode == otherNode) {
            throw new IllegalArgumentException("node " + oneNode + " has no route to itself");
        }
    }

    /** With the default delay. */
    public RouteDelay(int oneNode, int otherNode) {
        this(oneNode, otherNode, DEFAULT_DELAY);
    }

    boolean isBetween(int node, int peer) {
        return (oneNode == node && otherNode == peer) || (oneNode == peer && otherNode == node);
    }
}
