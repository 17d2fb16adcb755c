package io.mallard.it.soak;

import io.mallard.it.run.Episode;
import io.mallard.it.run.RunObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Takes the figures of this process while a run goes on in it, behind a collection each time, and passes on all it is told.
 *
 * <p>Client, load and judge share the process, so all of them are watched, and whatever grows with the messages breaks the run. That
 * is possible because none of the others does: their ledgers keep runs of numbers, their latencies are in a file, what they remember
 * of an episode is less than a kilobyte, and of a sample here as much. What the supervision of the servers takes (a child process,
 * a socket of the judge that moves) comes and goes, so samples are taken at random intervals and medians of them are compared.
 *
 * <p>Threading: as {@link RunObserver}; the samples can be read from any thread.
 */
public final class ProcessWatch implements RunObserver {
    /** So many samples in a run, if they are not too close to each other or too far apart. */
    private static final int SAMPLES = 720;

    private static final double SHORTEST_SECONDS = 0.25;
    private static final double LONGEST_SECONDS = 5;

    private static final double TOLD_EVERY_SECONDS = 60;

    private final RunObserver next;
    private final Consumer<String> console;
    private final RandomGenerator random;
    private final int leakBytes;
    private final double meanSeconds;

    // Owned by the sampler's thread.
    private final List<byte[]> leaked = new ArrayList<>();
    private double dueSeconds;
    private double tellSeconds = TOLD_EVERY_SECONDS;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<ProcessFigures> samples = new ArrayList<>();

    /**
     * @param console is told the newest figures once a minute
     * @param leakBytes kept ten times a second, to see that it is noticed; 0 for a run that is to be flat
     */
    public ProcessWatch(
            Duration duration, int leakBytes, RandomGenerator random, RunObserver next, Consumer<String> console) {
        this.meanSeconds = Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, duration.toMillis() / 1e3 / SAMPLES));
        this.leakBytes = leakBytes;
        this.random = random;
        this.next = next;
        this.console = console;
    }

    public List<ProcessFigures> samples() {
        lock.lock();
        try {
            return List.copyOf(samples);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onPhase(String phase) {
        next.onPhase(phase);
    }

    @Override
    public void onProgress(double done) {
        next.onProgress(done);
    }

    @Override
    public void onEpisode(int number, Episode.Judged judged) {
        next.onEpisode(number, judged);
    }

    @Override
    public void onSnapshot(Snapshot snapshot) {
        next.onSnapshot(snapshot);
        if (leakBytes > 0) {
            leaked.add(new byte[leakBytes]);
        }
        if (snapshot.atSeconds() >= dueSeconds) {
            dueSeconds = snapshot.atSeconds() + meanSeconds * random.nextDouble(0.5, 1.5);
            take(snapshot.atSeconds());
        }
    }

    private void take(double atSeconds) {
        ProcessFigures figures = ProcessFigures.take(atSeconds);
        lock.lock();
        try {
            samples.add(figures);
        } finally {
            lock.unlock();
        }
        if (atSeconds >= tellSeconds) {
            tellSeconds += TOLD_EVERY_SECONDS;
            console.accept(text(figures));
        }
    }

    private static String text(ProcessFigures figures) {
        StringBuilder text = new StringBuilder("process at ")
                .append(Math.round(figures.atSeconds()))
                .append(" s");
        for (Gauge gauge : Gauge.values()) {
            Double value = figures.values().get(gauge);
            if (value != null) {
                text.append(" | ").append(gauge.label()).append(' ').append(gauge.text(value));
            }
        }
        return text.toString();
    }
}
