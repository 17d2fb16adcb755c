package io.mallard;

/**
 * How long something takes that a client does now and then, since it was made. The percentiles come from a histogram, and are at most
 * one sixteenth more than the true ones.
 *
 * @param count how often it was done
 * @param totalNs how long that took together, in nanoseconds
 * @param p50Ns half of them took no longer, in nanoseconds; 0 before the first one
 * @param p95Ns the same of 95 of a hundred
 * @param p99Ns the same of 99 of a hundred
 * @param maxNs the longest, in nanoseconds
 */
public record DurationSummary(long count, long totalNs, long p50Ns, long p95Ns, long p99Ns, long maxNs) {
    /** Of what was never done. */
    public static final DurationSummary NONE = new DurationSummary(0, 0, 0, 0, 0, 0);

    /**
     * How long it takes on average.
     *
     * @return in nanoseconds; 0 before the first one
     */
    public long meanNs() {
        return count == 0 ? 0 : totalNs / count;
    }
}
