package io.mallard;

import java.time.Duration;
import java.util.Objects;

/**
 * How the client goes from a server it is leaving to the next one.
 *
 * @param jitter subscriptions move at a random moment within this, so that all clients of a server do not move at once
 * @param overlap how long subscriptions are held on both servers: must be twice the time in which news of a
 *     subscription spreads through the cluster, or more
 * @param drainTimeout longest wait for the old server to answer that everything sent to it is processed
 * @param ordered whether publishes after the move wait until those before it have arrived, so that subscribers see them
 *     in order; requests never wait
 * @param publishSettle how long they wait after the old server has processed what it was sent, so that the other
 *     servers have it too; at least twice the time a message takes from one server to the other
 * @param mode how exact plain subscriptions are while they are held on both servers
 * @param maxHeldBytes how many bytes of messages may wait for the old server's copies to be recognised; what is beyond
 *     is delivered at once and counted
 * @param suspectAfter a server that has not answered a PING for this long is left, if the one that stands by has just
 *     answered; at most once in 30 s. Meanwhile a PING is sent once in that time. Zero for never
 * @param rebalance whether the client moves to a server that joins the cluster, with a chance of one to the number of its
 *     servers, if it keeps a connection that stands by
 */
public record HandoverOptions(
        Duration jitter,
        Duration overlap,
        Duration drainTimeout,
        boolean ordered,
        Duration publishSettle,
        HandoverMode mode,
        long maxHeldBytes,
        Duration suspectAfter,
        boolean rebalance) {
    /** Well within the grace period of a server, which is 10 s unless configured otherwise. */
    public static final Duration DEFAULT_JITTER = Duration.ofMillis(300);

    /** Measured: with 50 ms of delay on a route, 200 ms lost nothing and a round trip lost hundreds of messages. */
    public static final Duration DEFAULT_OVERLAP = Duration.ofMillis(250);

    /** Well within the usual grace period of 10 s (CONTRACT S37). */
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(1);

    /**
     * Measured over 1,000 moves each (it/RESULTS.md): after the answer alone 373 reorder something, with 1 to 50 ms on top
     * 1 to 3 do, which are stalls of the machine. Slower networks need more than 1 ms.
     */
    public static final Duration DEFAULT_PUBLISH_SETTLE = Duration.ofMillis(20);

    /** As much as a subscription may have pending: 64 MiB. */
    public static final long DEFAULT_MAX_HELD_BYTES = 64 << 20;

    /** Exact and in order, with the values above. */
    public static final HandoverOptions DEFAULTS = new HandoverOptions(
            DEFAULT_JITTER,
            DEFAULT_OVERLAP,
            DEFAULT_DRAIN_TIMEOUT,
            true,
            DEFAULT_PUBLISH_SETTLE,
            HandoverMode.EXACT,
            DEFAULT_MAX_HELD_BYTES,
            Duration.ZERO,
            false);

    /** Refuses negative durations and sizes, and a drain timeout of zero. */
    public HandoverOptions {
        NatsOptions.requireNotNegative("handoverJitter", jitter);
        NatsOptions.requireNotNegative("overlap", overlap);
        NatsOptions.requirePositive("drainTimeout", drainTimeout);
        NatsOptions.requireNotNegative("publishSettle", publishSettle);
        Objects.requireNonNull(mode, "handover");
        NatsOptions.requireAtLeast("handoverMaxHeldBytes", maxHeldBytes, 0);
        NatsOptions.requireNotNegative("suspectAfter", suspectAfter);
    }
}
