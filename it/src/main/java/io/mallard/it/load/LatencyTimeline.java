package io.mallard.it.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
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

    private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();

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
        samples.add(sample);
        return sample;
    }

    public double secondsAt(long timeNs) {
        return (timeNs - startNs) / 1e9;
    }

    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** The worst latency that ended behind {@code fromSeconds} and not behind {@code toSeconds}; 0 if there was none. */
    public double worstMs(double fromSeconds, double toSeconds) {
        return samples.stream()
                .filter(sample -> sample.atSeconds() > fromSeconds && sample.atSeconds() <= toSeconds)
                .mapToDouble(Sample::maxMs)
                .max()
                .orElse(0);
    }

    private static double millis(long ns) {
        return ns / 1e6;
    }
}
