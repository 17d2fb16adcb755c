package io.mallard.it.soak;

import io.mallard.it.run.Episode;
import io.mallard.it.run.RunObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Takes the figures of this process while a run goes on in it, behind a collection each time, and passes on all it is told.
 *
 * <p>Client, load and judge share the process, so all of them are watched, and whatever grows with the messages breaks the run. That
 * is possible because none of the others does: their ledgers keep runs of numbers, their latencies are in a file, what they remember
 * of an episode is less than a kilobyte, and a sample here has its room from the start. What the supervision of the servers takes (a child process,
 * a socket of the judge that moves) comes and goes, so samples are taken at random intervals and medians of them are compared.
 *
 * <p>Threading: as {@link RunObserver}; the samples can be read from any thread.
 */
public final class ProcessWatch implements RunObserver {
    /** So many samples in a run, if they are not too close to each other or too far apart. */
    private static final int SAMPLES = 720;

    private static final List<Gauge> GAUGES = List.of(Gauge.values());
    private static final int ROW = 1 + GAUGES.size();

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

    // Guarded by lock. Time and values of a sample, one sample behind the other; there is room for a run from the
    // start.
    private double[] samples = new double[2 * SAMPLES * ROW];
    private int used;

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
            return IntStream.iterate(0, row -> row < used, row -> row + ROW)
                    .mapToObj(this::figures)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private ProcessFigures figures(int row) {
        Map<Gauge, Double> values = new EnumMap<>(Gauge.class);
        for (int i = 0; i < GAUGES.size(); i++) {
            double value = samples[row + 1 + i];
            if (!Double.isNaN(value)) {
                values.put(GAUGES.get(i), value);
            }
        }
        return new ProcessFigures(samples[row], values);
    }

    private void add(ProcessFigures figures) {
        lock.lock();
        try {
            if (used == samples.length) {
                samples = Arrays.copyOf(samples, 2 * used);
            }
            samples[used] = figures.atSeconds();
            for (int i = 0; i < GAUGES.size(); i++) {
                samples[used + 1 + i] = figures.values().getOrDefault(GAUGES.get(i), Double.NaN);
            }
            used += ROW;
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
        add(figures);
        if (atSeconds >= tellSeconds) {
            tellSeconds += TOLD_EVERY_SECONDS;
            console.accept(text(figures));
        }
    }

    private static String text(ProcessFigures figures) {
        StringBuilder text = new StringBuilder("process at ")
                .append(Math.round(figures.atSeconds()))
                .append(" s");
        for (Gauge gauge : GAUGES) {
            Double value = figures.values().get(gauge);
            if (value != null) {
                text.append(" | ").append(gauge.label()).append(' ').append(gauge.text(value));
            }
        }
        return text.toString();
    }
}
