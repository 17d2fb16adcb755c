package io.mallard.it.run;

import io.mallard.it.judge.Findings;

/**
 * What became of the load between two moments of a run.
 *
 * <p>Threading: immutable.
 *
 * @param requests that ended in between, one way or the other
 */
public record Stretch(long requests, long failed, double worstRequestMs, Findings findings) {
    static final Stretch NONE = new Stretch(0, 0, 0, Findings.NONE);

    Stretch plus(Stretch other) {
        return new Stretch(
                requests + other.requests,
                failed + other.failed,
                Math.max(worstRequestMs, other.worstRequestMs),
                findings.plus(other.findings));
    }
}
