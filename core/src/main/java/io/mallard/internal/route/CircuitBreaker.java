package io.mallard.internal.route;

/**
 * Whether it is worth while to try what has failed: after a number of failures in a row not for a while, and then once,
 * to see.
 *
 * <pre>
 *   CLOSED --failures in a row--&gt; OPEN --pause--&gt; HALF_OPEN --success--&gt; CLOSED
 *                                   ^---failure-------/
 * </pre>
 *
 * <p>Threading: owned by the event loop. A function of what it was told and of the time it is asked for.
 */
public final class CircuitBreaker {
    /** What may be done. */
    public enum State {
        /** Try. */
        CLOSED,
        /** Do not try before the pause is over. */
        OPEN,
        /** Try once: a success closes, a failure opens again. */
        HALF_OPEN
    }

    private final int maxFailures;
    private final long pauseNs;
    /** In a row, and no more than it takes to open. */
    private int failures;

    private long pauseEndNs;

    CircuitBreaker(int maxFailures, long pauseNs) {
        this.maxFailures = maxFailures;
        this.pauseNs = pauseNs;
    }

    State state(long nowNs) {
        if (failures < maxFailures) {
            return State.CLOSED;
        }
        return pauseEndNs - nowNs > 0 ? State.OPEN : State.HALF_OPEN;
    }

    /** How long not to try; 0 unless it is open. */
    long pauseNs(long nowNs) {
        return state(nowNs) == State.OPEN ? pauseEndNs - nowNs : 0;
    }

    void onSuccess() {
        failures = 0;
    }

    void onFailure(long nowNs) {
        failures = Math.min(failures + 1, maxFailures);
        pauseEndNs = nowNs + pauseNs;
    }
}
