package io.mallard.it.run;

import java.util.stream.DoubleStream;

/**
 * How values of one kind are spread.
 *
 * <p>Threading: immutable.
 *
 * @param medianFrom with {@code medianTo} the 95 % confidence interval of the median; the whole range when there are too few values
 */
public record Spread(
        int count,
        double min,
        double p25,
        double p50,
        double p75,
        double p95,
        double max,
        double medianFrom,
        double medianTo) {
    /** Half of what 1.96 standard deviations of a binomial with p = 1/2 take of the square root of its n. */
    private static final double INTERVAL = 0.98;

    /** Of at least one value. */
    public static Spread of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values have no spread");
        }
        int last = sorted.length - 1;
        // The ranks between which the median lies, whatever the distribution: the number of values below it is
        // binomial.
        double reach = INTERVAL * Math.sqrt(sorted.length);
        int from = (int) Math.floor((sorted.length - 1) / 2.0 - reach);
        int to = (int) Math.ceil((sorted.length - 1) / 2.0 + reach);
        return new Spread(
                sorted.length,
                sorted[0],
                percentile(sorted, 0.25),
                percentile(sorted, 0.5),
                percentile(sorted, 0.75),
                percentile(sorted, 0.95),
                sorted[last],
                sorted[Math.max(0, from)],
                sorted[Math.min(last, to)]);
    }

    /** Between two values in proportion. */
    private static double percentile(double[] sorted, double share) {
        double rank = share * (sorted.length - 1);
        int below = (int) rank;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }
}
