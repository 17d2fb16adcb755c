package io.mallard.internal.server;

/**
 * How long to wait before the known servers are tried once more: exponential, with jitter.
 *
 * <p>Threading: a pure function.
 *
 * @param firstNs upper bound of the first wait
 * @param maxNs upper bound of every wait
 * @param jitter the share of a wait that is random: 0 for none, 1 for all of it
 */
public record Backoff(long firstNs, long maxNs, double jitter) {
    private static final int MAX_DOUBLINGS = 30;

    /**
     * The wait after a round of attempts.
     *
     * @param round 0 for the first round that failed
     * @param random from 0 inclusive to 1 exclusive
     */
    public long delayNs(int round, double random) {
        long bound = (long) Math.min((double) maxNs, firstNs * (double) (1L << Math.min(round, MAX_DOUBLINGS)));
        return (long) (bound * (1 - jitter * (1 - random)));
    }
}
