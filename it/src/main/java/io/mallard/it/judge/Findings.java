package io.mallard.it.judge;

/**
 * What became of the messages of one direction in one stretch of a run, each counted once however many receivers it concerns.
 *
 * <p>Threading: immutable.
 *
 * @param published all that were not refused
 * @param refused the publisher was told that they were not taken
 * @param lost not refused, but at least one receiver never saw it
 * @param duplicated seen twice on the same socket
 * @param reordered seen behind a later message of its publisher on the same socket
 */
public record Findings(long published, long refused, long lost, long duplicated, long reordered) {
    public static final Findings NONE = new Findings(0, 0, 0, 0, 0);

    /** All that every receiver saw. */
    public long delivered() {
        return published - lost;
    }

    /** Nothing refused, lost, repeated or out of order. */
    public boolean isFlawless() {
        return refused == 0 && lost == 0 && duplicated == 0 && reordered == 0;
    }

    public Findings plus(Findings other) {
        return new Findings(
                published + other.published,
                refused + other.refused,
                lost + other.lost,
                duplicated + other.duplicated,
                reordered + other.reordered);
    }
}
