package io.mallard.benchmarks.swap;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long the requests took that were answered, by the phase they belong to.
 *
 * <p>Threading: thread-safe; percentiles are read when nobody writes any more.
 */
final class Latencies {
    private static final long HIGHEST_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;

    private final Map<Phase, Histogram> histograms = new EnumMap<>(Phase.class);
    // Written by the thread that controls the run, read by all.
    private volatile Phase phase = Phase.BEFORE;

    Latencies() {
        for (Phase each : Phase.values()) {
            histograms.put(each, new ConcurrentHistogram(HIGHEST_NS, DIGITS));
        }
    }

    void enter(Phase next) {
        phase = next;
    }

    /** Of a request that begins now. */
    Phase phase() {
        return phase;
    }

    void onAnswered(Phase begun, long latencyNs) {
        of(begun).recordValue(Math.min(latencyNs, HIGHEST_NS));
    }

    long answered(Phase begun) {
        return of(begun).getTotalCount();
    }

    double ms(Phase begun, double percentile) {
        return of(begun).getValueAtPercentile(percentile) / 1e6;
    }

    private Histogram of(Phase begun) {
        Histogram histogram = histograms.get(begun);
        if (histogram == null) {
            throw new IllegalArgumentException("no " + begun);
        }
        return histogram;
    }
}
