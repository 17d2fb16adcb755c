package io.mallard.internal;

import io.mallard.HandoverReason;
import io.mallard.NatsOptions;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection that serves is left all the same: its credentials expire, its server does not answer, or another server
 * is to have its share.
 *
 * <p>Threading: owned by the event loop.
 */
final class ReasonsToLeave {
    private final Renewal renewal;
    private final Suspicion suspicion;
    private final Rebalancing rebalancing;

    ReasonsToLeave(
            NatsOptions options,
            ServerPool servers,
            StandbyPool standbys,
            Random random,
            ListenerNotifier listener,
            EventLog log,
            long nowNs) {
        this.renewal = new Renewal(standbys, listener, log);
        this.suspicion = new Suspicion(options.handover().suspectAfter().toNanos(), nowNs);
        this.rebalancing = new Rebalancing(
                options.handover().rebalance(),
                options.hotSwap().refillJitter().toNanos(),
                options.hotSwap().timeout().toNanos(),
                servers,
                standbys,
                random);
    }

    /** Prepares what takes time; returns the nanoseconds until it wants to be called again. */
    long onTick(ServerConnection carrier, @Nullable ServerConnection standby, long nowNs) {
        long waitNs = Math.min(renewal.onTick(carrier, nowNs), suspicion.onTick(carrier, standby, nowNs));
        return Math.min(waitNs, rebalancing.onTick(nowNs));
    }

    /** The reason to leave for what stands by, which the caller does now; null for none. */
    @Nullable
    HandoverReason take(ServerConnection carrier, @Nullable ServerConnection standby, long nowNs) {
        if (renewal.isReady(carrier)) {
            return HandoverReason.CREDENTIALS_EXPIRING;
        }
        if (suspicion.isFounded(carrier, standby)) {
            suspicion.onLeft(nowNs);
            return HandoverReason.SUSPECT;
        }
        return rebalancing.isReady(standby) ? HandoverReason.REBALANCE : null;
    }

    /** Another connection stands by. */
    void onMade(ServerConnection made, ServerConnection carrier, long nowNs) {
        renewal.onMade(made, carrier, nowNs);
    }

    /** No other connection could be made. */
    void onRoundFailed(ServerConnection carrier, String attempts, long nowNs) {
        renewal.onRoundFailed(carrier, attempts, nowNs);
    }

    /** Servers have joined the cluster, which has so many now. */
    void onJoined(List<ServerAddress> joined, int clusterSize, long nowNs) {
        rebalancing.onJoined(joined, clusterSize, nowNs);
    }

    /** Another connection carries the traffic. */
    void onCarrierChanged() {
        rebalancing.end();
    }

    /** The user prefers another server, or none. */
    void onAdopted() {
        rebalancing.forget();
    }
}
