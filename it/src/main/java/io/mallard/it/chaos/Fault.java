package io.mallard.it.chaos;

import java.time.Duration;
import java.util.Locale;

/**
 * One fault of a plan.
 *
 * <p>Threading: immutable.
 *
 * @param number in the plan, from 1
 * @param at from the start of the plan; later if the fault before it is not yet over
 * @param lasts how long the kinds that last do, or how long behind the announcement a lame duck is killed
 * @param delay of the kinds that have slow routes
 */
record Fault(int number, Duration at, FaultKind kind, Victim victim, Duration lasts, Duration delay) {
    Promise promise() {
        return kind.promise(victim);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%3d  %6.1f s  %s: %s%s%s",
                number,
                at.toMillis() / 1e3,
                kind,
                victim,
                lasts.isZero() ? "" : ", " + lasts.toMillis() + " ms",
                delay.isZero() ? "" : ", " + delay.toMillis() + " ms late");
    }
}
