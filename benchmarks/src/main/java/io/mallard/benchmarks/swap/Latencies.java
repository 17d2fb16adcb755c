package io.mallard.benchmarks.swap;

import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
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

    private static final long AT_FIRST_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private record Beginning(Phase phase, long atNs) {}

    private final Map<Phase, Histogram> histograms = new EnumMap<>(Phase.class);
    // Written by the thread that controls the run, read by all. The latest one comes first.
    private final Deque<Beginning> beginnings = new ConcurrentLinkedDeque<>();

    Latencies() {
        for (Phase each : Phase.values()) {
            histograms.put(each, new ConcurrentHistogram(HIGHEST_NS, DIGITS));
        }
    }

    void enter(Phase next) {
        beginnings.addFirst(new Beginning(next, System.nanoTime()));
    }

    /** Of a request that was meant to begin then, which is past. */
    Phase phase(long intendedNs) {
        for (Beginning beginning : beginnings) {
            long sinceNs = intendedNs - beginning.atNs();
            if (sinceNs >= 0) {
                return beginning.phase() == Phase.DURING && sinceNs < AT_FIRST_NS ? Phase.AT_FIRST : beginning.phase();
            }
        }
        return Phase.BEFORE;
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
