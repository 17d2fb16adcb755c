package io.mallard.it.load;

import io.mallard.it.load.TickStore.Tick;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Latencies over time: one sample of percentiles per tick. A latency belongs to the tick in which it ended, so that nothing has to be
 * kept open for late ones. The histogram of every tick is kept too, up to some kilobytes each, because percentiles cannot be added up:
 * in a file, but for the newest.
 *
 * <p>Threading: {@link #record} from any thread without waiting; {@link #tick} from one; the samples can be read from any.
 */
public final class LatencyTimeline implements AutoCloseable {
    private static final Window EVER = new Window(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    private static final long HIGHEST_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;

    private final long startNs;
    private final Recorder recorder = new Recorder(HIGHEST_NS, DIGITS);

    // Owned by the ticking thread.
    private @Nullable Histogram recycled;
    private @Nullable ByteBuffer scratch;

    private final TickStore ticks = new TickStore();

    /** The latencies of one tick; the time is that of its end, in seconds from the start. */
    public record Sample(double atSeconds, Percentiles latencies) {}

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
        List<Sample> samples = new ArrayList<>();
        ticks.forEach(EVER, tick -> samples.add(tick.sample()));
        return List.copyOf(samples);
    }

    /** Everything that ended in any of these windows, as if it had been one tick. */
    public Percentiles within(Collection<Window> windows) {
        Histogram sum = new Histogram(HIGHEST_NS, DIGITS);
        ticks.forEach(hull(windows), tick -> {
            if (windows.stream()
                    .anyMatch(window -> window.contains(tick.sample().atSeconds()))) {
                sum.add(Histogram.decodeFromByteBuffer(ByteBuffer.wrap(tick.histogram()), HIGHEST_NS));
            }
        });
        return Percentiles.of(sum);
    }

    /** The worst latency that ended in this window; 0 if there was none. */
    public double worstMs(Window window) {
        double[] worstMs = {0};
        ticks.forEach(
                window,
                tick -> worstMs[0] =
                        Math.max(worstMs[0], tick.sample().latencies().maxMs()));
        return worstMs[0];
    }

    /** Gives back the file; nothing can be read any more. */
    @Override
    public void close() {
        ticks.close();
    }

    /** From the first of these windows to the last. */
    private static Window hull(Collection<Window> windows) {
        return new Window(
                windows.stream().mapToDouble(Window::fromSeconds).min().orElse(0),
                windows.stream().mapToDouble(Window::toSeconds).max().orElse(0));
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
