package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Load;
import io.mallard.it.run.RunObserver.Snapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends a sample of the timelines ten times a second and shows the observer where the run stands.
 *
 * <p>Threading: a thread of its own; started and closed by the thread of the run.
 */
final class Sampler implements AutoCloseable {
    private static final long INTERVAL_MS = 100;

    /** A message has this many samples of time to arrive before it counts as lost so far. */
    private static final int PATIENCE = 10;

    private final DeliveryLedger deliveries;
    private final Load load;
    private final LatencyTimeline latencies;
    private final LatencyTimeline delays;
    private final RunObserver observer;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "demo-sampler"));

    // Owned by the sampler's thread.
    private final Deque<Position> recent = new ArrayDeque<>();
    private double worstMs;

    // Written by the thread of the run.
    private volatile double judgedFromSeconds = Double.MAX_VALUE;

    private Sampler(
            DeliveryLedger deliveries,
            Load load,
            LatencyTimeline latencies,
            LatencyTimeline delays,
            RunObserver observer) {
        this.deliveries = deliveries;
        this.load = load;
        this.latencies = latencies;
        this.delays = delays;
        this.observer = observer;
    }

    static Sampler start(
            DeliveryLedger deliveries,
            Load load,
            LatencyTimeline latencies,
            LatencyTimeline delays,
            RunObserver observer) {
        Sampler sampler = new Sampler(deliveries, load, latencies, delays, observer);
        var unused =
                sampler.executor.scheduleAtFixedRate(sampler::sample, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
        return sampler;
    }

    /** The warm-up is over. */
    void judgeFrom(double seconds) {
        judgedFromSeconds = seconds;
    }

    /** Takes no more samples; returns when the last one has been taken. */
    @Override
    public void close() {
        executor.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample() {
        long nowNs = System.nanoTime();
        Sample sample = latencies.tick(nowNs);
        delays.tick(nowNs);
        if (sample.atSeconds() > judgedFromSeconds) {
            worstMs = Math.max(worstMs, sample.maxMs());
        }
        recent.addLast(deliveries.position());
        Position old = recent.size() > PATIENCE ? recent.removeFirst() : deliveries.origin();
        observer.onSnapshot(new Snapshot(
                load.requestsOk(),
                load.requestsFailed(),
                sample.p99Ms(),
                worstMs,
                load.published(),
                deliveries.between(deliveries.origin(), old).lost()));
    }
}
