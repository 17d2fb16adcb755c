package io.mallard.it.run;

import io.mallard.it.judge.Findings;

/**
 * What became of the load between two moments of a run.
 *
 * <p>Threading: immutable.
 *
 * @param requests that ended in between, one way or the other
 * @param publishes by the client, to the judge's receivers
 * @param receives from the judge's senders, to the client's handler
 */
public record Stretch(long requests, long failed, double worstRequestMs, Findings publishes, Findings receives) {
    static final Stretch NONE = new Stretch(0, 0, 0, Findings.NONE, Findings.NONE);

    Stretch plus(Stretch other) {
        return new Stretch(
                requests + other.requests,
                failed + other.failed,
                Math.max(worstRequestMs, other.worstRequestMs),
                publishes.plus(other.publishes),
                receives.plus(other.receives));
    }

    /** Nothing failed, was refused, lost, repeated or out of order. */
    public boolean isFlawless() {
        return failed == 0 && publishes.isFlawless() && receives.isFlawless();
    }
}
