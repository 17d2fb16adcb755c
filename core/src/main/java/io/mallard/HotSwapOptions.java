package io.mallard;

import java.time.Duration;

/**
 * How the client leaves a server that has entered lame duck mode.
 *
 * @param enabled whether it leaves by itself; if not, it stays until the server evicts it
 * @param standbys validated connections to other servers held ready: 0 connects only when one is needed, 1 has one at
 *     hand
 * @param timeout longest time one attempt to make such a connection may take
 * @param refillJitter after a standby was used, the next one is made at a random moment within this, so that all
 *     clients of a server do not connect at once
 * @param handoverJitter subscriptions move at a random moment within this, for the same reason
 * @param overlap how long subscriptions are held on both servers: must exceed the time in which news of a
 *     subscription spreads through the cluster
 * @param drainTimeout longest wait for the old server to answer that everything sent to it is processed
 * @param orderedHandover whether publishes after the move wait until those before it have arrived, so that subscribers
 *     see them in order; requests never wait
 * @param publishSettle how long they wait after the old server has processed what it was sent, so that the other
 *     servers have it too; at least twice the time a message takes from one server to the other
 * @param handoverMode how exact plain subscriptions are while they are held on both servers
 * @param maxHeldBytes how many bytes of messages may wait for the old server's copies to be recognised; what is beyond
 *     is delivered at once and counted
 * @param hotInbox whether replies are received through the standby too, so that the abrupt loss of the connection costs
 *     almost none; each reply then comes twice, and the second copy is dropped
 */
public record HotSwapOptions(
        boolean enabled,
        int standbys,
        Duration timeout,
        Duration refillJitter,
        Duration handoverJitter,
        Duration overlap,
        Duration drainTimeout,
        boolean orderedHandover,
        Duration publishSettle,
        HandoverMode handoverMode,
        long maxHeldBytes,
        boolean hotInbox) {
    /** Long enough for a handshake with a busy server, half of the usual grace period (CONTRACT S34). */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** A handful of connects per second on the surviving servers for a thousand clients. */
    public static final Duration DEFAULT_REFILL_JITTER = Duration.ofSeconds(2);

    /** Well within the grace period of a server, which is 10 s unless configured otherwise. */
    public static final Duration DEFAULT_HANDOVER_JITTER = Duration.ofMillis(300);

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

    /** One standby, and the durations above. */
    public static final HotSwapOptions DEFAULTS = new HotSwapOptions(
            true,
            1,
            DEFAULT_TIMEOUT,
            DEFAULT_REFILL_JITTER,
            DEFAULT_HANDOVER_JITTER,
            DEFAULT_OVERLAP,
            DEFAULT_DRAIN_TIMEOUT,
            true,
            DEFAULT_PUBLISH_SETTLE,
            HandoverMode.EXACT,
            DEFAULT_MAX_HELD_BYTES,
            false);

    /** Refuses more than one standby, and negative durations. */
    public HotSwapOptions {
        if (standbys < 0 || standbys > 1) {
            throw new IllegalArgumentException("standbys=" + standbys + ", must be 0 or 1");
        }
        NatsOptions.requirePositive("hotSwapTimeout", timeout);
        NatsOptions.requireNotNegative("standbyRefillJitter", refillJitter);
        NatsOptions.requireNotNegative("handoverJitter", handoverJitter);
        NatsOptions.requireNotNegative("overlap", overlap);
        NatsOptions.requirePositive("drainTimeout", drainTimeout);
        NatsOptions.requireNotNegative("publishSettle", publishSettle);
        if (maxHeldBytes < 0) {
            throw new IllegalArgumentException("handoverMaxHeldBytes=" + maxHeldBytes + ", must be >= 0");
        }
    }
}
