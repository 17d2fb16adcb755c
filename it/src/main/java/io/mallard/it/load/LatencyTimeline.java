package io.mallard.it.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Latencies over time: one sample of percentiles per tick. A latency belongs to the tick in which it ended, so that nothing has to be
 * kept open for late ones. The histogram of every tick is kept too, some hundred bytes each, because percentiles cannot be added up.
 *
 * <p>Threading: {@link #record} from any thread without waiting; {@link #tick} from one; the samples can be read from any.
 */
public final class LatencyTimeline {
    private static final long HIGHEST_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;

    private final long startNs;
    private final Recorder recorder = new Recorder(HIGHEST_NS, DIGITS);

    // Owned by the ticking thread.
    private @Nullable Histogram recycled;
    private @Nullable ByteBuffer scratch;

    private final Queue<Tick> ticks = new ConcurrentLinkedQueue<>();

    /** The latencies of one tick; the time is that of its end, in seconds from the start. */
    public record Sample(double atSeconds, Percentiles latencies) {}

    // A carrier: nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    private record Tick(Sample sample, byte[] histogram) {
        boolean isIn(Window window) {
            return window.contains(sample.atSeconds());
        }
    }

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
        Sample sample = new Sample(secondsAt(nowNs), Percentiles.of(ended));
        ticks.add(new Tick(sample, encoded(ended)));
        return sample;
    }

    public double secondsAt(long timeNs) {
        return (timeNs - startNs) / 1e9;
    }

    public List<Sample> samples() {
        return ticks.stream().map(Tick::sample).toList();
    }

    /** Everything that ended in any of these windows, as if it had been one tick. */
    public Percentiles within(Collection<Window> windows) {
        Histogram sum = new Histogram(HIGHEST_NS, DIGITS);
        for (Tick tick : ticks) {
            if (windows.stream().anyMatch(tick::isIn)) {
                sum.add(Histogram.decodeFromByteBuffer(ByteBuffer.wrap(tick.histogram()), HIGHEST_NS));
            }
        }
        return Percentiles.of(sum);
    }

    /** The worst latency that ended in this window; 0 if there was none. */
    public double worstMs(Window window) {
        return ticks.stream()
                .filter(tick -> tick.isIn(window))
                .mapToDouble(tick -> tick.sample().latencies().maxMs())
                .max()
                .orElse(0);
    }

    private byte[] encoded(Histogram histogram) {
        if (scratch == null || scratch.capacity() < histogram.getNeededByteBufferCapacity()) {
            scratch = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        }
        scratch.clear();
        int length = histogram.encodeIntoByteBuffer(scratch);
        return Arrays.copyOf(scratch.array(), length);
    }
}
