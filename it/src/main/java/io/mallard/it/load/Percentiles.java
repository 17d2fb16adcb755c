package io.mallard.it.load;

import org.HdrHistogram.Histogram;

/**
 * How latencies are spread.
 *
 * <p>Threading: immutable.
 */
public record Percentiles(
        long count, double p50Ms, double p90Ms, double p95Ms, double p99Ms, double p999Ms, double maxMs) {
    static Percentiles of(Histogram nanoseconds) {
        return new Percentiles(
                nanoseconds.getTotalCount(),
                millis(nanoseconds.getValueAtPercentile(50)),
                millis(nanoseconds.getValueAtPercentile(90)),
                millis(nanoseconds.getValueAtPercentile(95)),
                millis(nanoseconds.getValueAtPercentile(99)),
                millis(nanoseconds.getValueAtPercentile(99.9)),
                millis(nanoseconds.getMaxValue()));
    }

    private static double millis(long ns) {
        return ns / 1e6;
    }
}
