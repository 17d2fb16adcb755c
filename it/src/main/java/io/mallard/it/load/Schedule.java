package io.mallard.it.load;

import java.util.concurrent.TimeUnit;

/**
 * When each of a series of equally spaced events is meant to happen, whatever happened to those before it.
 *
 * <p>Threading: immutable.
 */
public record Schedule(long startNs, int perSecond) {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    public long intendedNs(long number) {
        // Seconds apart from their rest: the product of both would overflow within hours.
        return startNs + number / perSecond * SECOND_NS + number % perSecond * SECOND_NS / perSecond;
    }

    /** How many events are meant to have happened before this time. */
    public long dueBy(long nowNs) {
        long elapsedNs = nowNs - startNs;
        long whole = elapsedNs / SECOND_NS * perSecond;
        long restNs = elapsedNs % SECOND_NS;
        return whole + (restNs * perSecond + SECOND_NS - 1) / SECOND_NS;
    }
}
