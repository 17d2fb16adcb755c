package io.mallard.it.soak;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The rule of a long run: behind a warm-up of a sixth of the time, the {@link Trend} of every gauge is flat. A run that is too short
 * for that is not judged: its virtual machine is still warming up.
 *
 * <p>Threading: immutable.
 *
 * @param judgedFromSeconds the end of the warm-up
 * @param trends empty if the run was too short
 */
public record Flatness(double judgedFromSeconds, List<Trend> trends) {
    /** Of samples, warm-up included. */
    static final Duration SHORTEST = Duration.ofMinutes(2);

    private static final int WARM_UP_SHARE = 6;
    private static final int MIN_SAMPLES = 40;

    public static Flatness of(List<ProcessFigures> samples) {
        return of(samples, SHORTEST);
    }

    static Flatness of(List<ProcessFigures> samples, Duration shortest) {
        if (samples.isEmpty()) {
            return new Flatness(0, List.of());
        }
        double begin = samples.get(0).atSeconds();
        double whole = samples.get(samples.size() - 1).atSeconds() - begin;
        double judgedFrom = begin + whole / WARM_UP_SHARE;
        List<ProcessFigures> judged =
                samples.stream().filter(s -> s.atSeconds() >= judgedFrom).toList();
        if (whole * 1e3 < shortest.toMillis() || judged.size() < MIN_SAMPLES) {
            return new Flatness(judgedFrom, List.of());
        }
        return new Flatness(
                judgedFrom,
                Arrays.stream(Gauge.values())
                        .filter(gauge ->
                                judged.stream().allMatch(s -> s.values().containsKey(gauge)))
                        .map(gauge -> trend(gauge, judged))
                        .toList());
    }

    public boolean isJudged() {
        return !trends.isEmpty();
    }

    /** What grows, a sentence each. */
    public List<String> broken() {
        return trends.stream()
                .filter(trend -> !trend.isFlat())
                .map(trend -> "the process grows, " + trend.text())
                .toList();
    }

    /** For the line of the verdict. */
    public String line() {
        if (!isJudged()) {
            return "process=not-judged";
        }
        return String.format(
                Locale.ROOT,
                "process=%s growing=%d/%d",
                broken().isEmpty() ? "flat" : "growing",
                broken().size(),
                trends.size());
    }

    private static Trend trend(Gauge gauge, List<ProcessFigures> samples) {
        return Trend.of(
                gauge,
                samples.stream().mapToDouble(ProcessFigures::atSeconds).toArray(),
                samples.stream()
                        .mapToDouble(sample -> sample.values().getOrDefault(gauge, 0.0))
                        .toArray());
    }
}
