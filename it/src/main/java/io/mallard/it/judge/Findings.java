package io.mallard.it.judge;

/**
 * What became of the publishes of one stretch of a run, each message counted once however many receivers it concerns.
 *
 * <p>Threading: immutable.
 *
 * @param published all that were not refused
 * @param refused the client said that it has not taken them
 * @param lost accepted by the client, but at least one receiver never saw it
 * @param duplicated seen twice on the same socket
 * @param reordered seen behind a later message of its publisher on the same socket
 */
public record Findings(long published, long refused, long lost, long duplicated, long reordered) {
    public static final Findings NONE = new Findings(0, 0, 0, 0, 0);

    public Findings plus(Findings other) {
        return new Findings(
                published + other.published,
                refused + other.refused,
                lost + other.lost,
                duplicated + other.duplicated,
                reordered + other.reordered);
    }
}
