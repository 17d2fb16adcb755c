package io.mallard.internal.connection;

import java.util.concurrent.TimeUnit;

/**
 * When a server will end a connection because its credentials expire, and when to see to another one. Two of them are
 * compared by what the credentials say: what two clocks make of it differs.
 *
 * <p>Threading: immutable.
 *
 * @param atS the second of the epoch at which they expire
 * @param endNs the same on the clock of the event loop
 * @param renewNs when another connection is due
 */
public record Expiry(long atS, long endNs, long renewNs) {
    /** What a JWT may have left so that one more attempt to replace it is worth while. */
    private static final long WORTH_WHILE_NS = TimeUnit.SECONDS.toNanos(1);
    /** Far enough: nothing lasts as long. */
    private static final long LONGEST_MS = TimeUnit.DAYS.toMillis(10 * 365);

    /**
     * Of what expires at a second of the epoch. Another connection is due a share of {@code beforeNs} before that, or, if
     * less than twice as much is left, the same share of half of what is left.
     */
    public static Expiry at(long expiresAtS, long nowMs, long nowNs, long beforeNs, double share) {
        long latestS = (nowMs + LONGEST_MS) / 1_000;
        long leftMs = Math.max(0, Math.min(expiresAtS, latestS) * 1_000 - nowMs);
        long leftNs = TimeUnit.MILLISECONDS.toNanos(leftMs);
        long endNs = nowNs + leftNs;
        return new Expiry(expiresAtS, endNs, endNs - (long) (Math.min(beforeNs, leftNs / 2) * share));
    }

    /** The next attempt after one that was in vain: when half of the time is over. */
    Expiry later(long nowNs) {
        long leftNs = endNs - nowNs;
        return new Expiry(atS, endNs, leftNs < WORTH_WHILE_NS ? endNs : nowNs + leftNs / 2);
    }

    /** Whether an attempt to replace them is due, and still worth while. */
    boolean isDue(long nowNs) {
        return renewNs - nowNs <= 0 && endNs - nowNs > 0;
    }

    /** The nanoseconds until it is. */
    long nsUntilDue(long nowNs) {
        return endNs - nowNs > 0 ? renewNs - nowNs : Long.MAX_VALUE;
    }
}
