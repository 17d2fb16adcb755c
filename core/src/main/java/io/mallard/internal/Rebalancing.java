package io.mallard.internal;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Moves this client to a server that has joined the cluster, with such a probability that the new server gets its share of
 * all clients: one of n servers gets each with a chance of 1/n, at a random moment within a time.
 *
 * <p>Threading: owned by the event loop.
 */
final class Rebalancing {
    private final boolean enabled;
    private final long jitterNs;
    private final long timeoutNs;
    private final ServerPool servers;
    private final StandbyPool standbys;
    private final Random random;

    /** Where to move to; null as a rule. */
    private @Nullable ServerAddress target;
    /** When the connection there begins to be made. */
    private long beginNs;
    /** It is being made. */
    private boolean begun;

    Rebalancing(
            boolean enabled, long jitterNs, long timeoutNs, ServerPool servers, StandbyPool standbys, Random random) {
        this.enabled = enabled;
        this.jitterNs = jitterNs;
        this.timeoutNs = timeoutNs;
        this.servers = servers;
        this.standbys = standbys;
        this.random = random;
    }

    /** Servers have joined those of the cluster, which are {@code clusterSize} now. */
    void onJoined(List<ServerAddress> joined, int clusterSize, long nowNs) {
        if (!enabled || servers.hasAdopted()) { // What the user prefers comes first.
            return;
        }
        for (ServerAddress each : joined) {
            if (target == null && random.nextDouble() * clusterSize < 1) {
                target = each;
                beginNs = nowNs + (long) (jitterNs * random.nextDouble());
            }
        }
    }

    /** Makes a connection there when it is time; returns the nanoseconds until it wants to be called again. */
    long onTick(long nowNs) {
        if (target == null) {
            return Long.MAX_VALUE;
        }
        if (!begun && beginNs - nowNs <= 0) {
            begun = true;
            servers.adopt(target);
            standbys.onAdopted(nowNs);
            return timeoutNs;
        }
        long leftNs = beginNs + (begun ? timeoutNs : 0) - nowNs;
        if (leftNs <= 0) {
            end();
            return Long.MAX_VALUE;
        }
        return leftNs;
    }

    /** Whether that standby is the connection to move to. */
    boolean isReady(@Nullable ServerConnection standby) {
        return begun && standby != null && servers.isAdopted(standby.address(), standby.serverId());
    }

    /** Another connection carries the traffic, for whatever reason, or no other shall: that is enough. */
    void end() {
        if (begun) {
            servers.adopt(null);
        }
        forget();
    }

    /** The user prefers another server. */
    void forget() {
        target = null;
        begun = false;
    }
}
