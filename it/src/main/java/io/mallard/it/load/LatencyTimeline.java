package io.mallard.it.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Latencies over time: one sample of percentiles per tick. A latency belongs to the tick in which it ended, so that nothing has to be
 * kept open for late ones.
 *
 * <p>Threading: {@link #record} from any thread without waiting; {@link #tick} from one; the samples can be read from any.
 */
public final class LatencyTimeline {
    private static final long HIGHEST_NS = TimeUnit.MINUTES.toNanos(1);

    private final long startNs;
    private final Recorder recorder = new Recorder(HIGHEST_NS, 3);

    // Owned by the ticking thread.
    private @Nullable Histogram recycled;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<Sample> samples = new ArrayList<>();

    /** Percentiles of one tick; the time is that of its end, in seconds from the start. */
    public record Sample(double atSeconds, long count, double p50Ms, double p99Ms, double maxMs) {}

    public LatencyTimeline(long startNs) {
        this.startNs = startNs;
    }

    public void record(long latencyNs) {
        recorder.recordValue(Math.max(0, Math.min(latencyNs, HIGHEST_NS)));
    }

    /** Ends the current sample. One without latencies is kept too: a gap is a finding. */
    public Sample tick(long nowNs) {
        Histogram ended = recorder.getIntervalHistogram(recycled);
        recycled = ended;
        Sample sample = new Sample(
                secondsAt(nowNs),
                ended.getTotalCount(),
                millis(ended.getValueAtPercentile(50)),
                millis(ended.getValueAtPercentile(99)),
                millis(ended.getMaxValue()));
        lock.lock();
        try {
            samples.add(sample);
        } finally {
            lock.unlock();
        }
        return sample;
    }

    public double secondsAt(long timeNs) {
        return (timeNs - startNs) / 1e9;
    }

    public List<Sample> samples() {
        lock.lock();
        try {
            return List.copyOf(samples);
        } finally {
            lock.unlock();
        }
    }

    /** The worst latency that ended behind {@code fromSeconds} and not behind {@code toSeconds}; 0 if there was none. */
    public double worstMs(double fromSeconds, double toSeconds) {
        return samples().stream()
                .filter(sample -> sample.atSeconds() > fromSeconds && sample.atSeconds() <= toSeconds)
                .map(Sample::maxMs)
                .max(Comparator.naturalOrder())
                .orElse(0.0);
    }

    private static double millis(long ns) {
        return ns / 1e6;
    }
}
