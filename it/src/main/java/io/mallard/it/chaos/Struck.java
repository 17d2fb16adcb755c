package io.mallard.it.chaos;

import java.util.Locale;

/**
 * A fault that happened. All times are those of the history.
 *
 * <p>Threading: immutable.
 *
 * @param server that it was for
 * @param beganNs just before it
 * @param recoveredNs everything flows again, in every direction, as messages of the judge's have shown
 * @param endedNs the cluster is whole, and the client ready for the next one
 * @param recoveryNs what the client took to be back, counted as {@link FaultKind#backWithin} says
 * @param inDoubt publishes that the client has reported in that time
 * @param evidence what shows that it happened
 */
record Struck(
        Fault fault,
        String server,
        long beganNs,
        long recoveredNs,
        long endedNs,
        long recoveryNs,
        long inDoubt,
        String evidence) {
    double recoveryMs() {
        return recoveryNs / 1e6;
    }

    /** As it is told when it is over. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s (%s): back after %.0f ms, %d in doubt; %s",
                fault,
                server,
                recoveryMs(),
                inDoubt,
                evidence);
    }
}
