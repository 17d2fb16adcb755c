package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Load;
import io.mallard.it.load.Timelines;
import io.mallard.it.run.RunObserver.Snapshot;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a sample of the timelines ten times a second and shows where the run stands.
 *
 * <p>Threading: a thread of its own; started and closed by the thread of the run.
 */
final class Sampler implements AutoCloseable {
    private static final long INTERVAL_MS = 100;
    private static final long CLOSE_TIMEOUT_S = 10;

    private final Load load;
    private final Timelines timelines;
    private final Consumer<Snapshot> each;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "run-sampler"));

    // Owned by the sampler's thread.
    private final LossSoFar publishesLost;
    private final LossSoFar receivesLost;
    private double worstMs;

    // Written by the sampler's thread.
    private volatile @Nullable RuntimeException failure;

    // Written by the thread of the run.
    private volatile double judgedFromSeconds = Double.MAX_VALUE;

    Sampler(
            Load load,
            Timelines timelines,
            DeliveryLedger publishes,
            DeliveryLedger receives,
            Consumer<Snapshot> each) {
        this.load = load;
        this.timelines = timelines;
        this.publishesLost = new LossSoFar(publishes);
        this.receivesLost = new LossSoFar(receives);
        this.each = each;
    }

    void start() {
        var unused = executor.scheduleAtFixedRate(this::sampleOrFail, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    /** The warm-up is over. */
    void judgeFrom(double seconds) {
        judgedFromSeconds = seconds;
    }

    /** Takes the last sample. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the sampler has not ended within " + CLOSE_TIMEOUT_S + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the sampler ended", e);
        }
        if (failure != null) {
            throw new IllegalStateException("sampling ended early", failure);
        }
        // The thread is gone, and what has ended since its last sample belongs to the run too.
        sample();
    }

    private void sampleOrFail() {
        try {
            sample();
        } catch (RuntimeException e) {
            // Thrown further, it ends the schedule; kept, it cannot pass for a run without latencies.
            failure = e;
            throw e;
        }
    }

    private void sample() {
        long nowNs = System.nanoTime();
        Sample sample = timelines.requests().tick(nowNs);
        timelines.deliveries().tick(nowNs);
        timelines.receives().tick(nowNs);
        if (sample.atSeconds() > judgedFromSeconds) {
            worstMs = Math.max(worstMs, sample.latencies().maxMs());
        }
        each.accept(new Snapshot(
                sample.atSeconds(),
                load.requestsOk(),
                load.requestsFailed(),
                sample.latencies().p99Ms(),
                worstMs,
                load.published(),
                publishesLost.next(),
                load.sent(),
                receivesLost.next()));
    }
}
