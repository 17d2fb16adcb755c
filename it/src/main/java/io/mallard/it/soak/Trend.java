package io.mallard.it.soak;

import java.util.Arrays;

/**
 * Whether one gauge of a process stays as it is. Two figures say so, each robust against single samples: how much more the median of
 * the last quarter of the time is than that of the first, which shows a step; and what the median of the slopes between all
 * pairs of samples (Theil and Sen) comes to over the whole time, which shows a slow leak. Either is compared with what the gauge
 * {@linkplain Gauge#allowed allows}. What rises and falls again, as between two collections, is flat, and so is what falls.
 *
 * <p>Threading: immutable.
 *
 * @param first the median of the first quarter
 * @param last that of the last quarter
 * @param drift the median slope times the whole time
 */
public record Trend(Gauge gauge, double first, double last, double drift) {
    private static final int QUARTERS = 4;

    /** Of samples in the order of their times, at least one in each quarter. */
    static Trend of(Gauge gauge, double[] atSeconds, double[] values) {
        double begin = atSeconds[0];
        double whole = atSeconds[atSeconds.length - 1] - begin;
        double quarter = whole / QUARTERS;
        return new Trend(
                gauge,
                median(between(atSeconds, values, begin, begin + quarter)),
                median(between(atSeconds, values, begin + whole - quarter, begin + whole)),
                medianSlope(atSeconds, values) * whole);
    }

    public double step() {
        return last - first;
    }

    public double allowed() {
        return gauge.allowed(first);
    }

    public boolean isFlat() {
        return step() <= allowed() && drift <= allowed();
    }

    /** A sentence of the verdict. */
    public String text() {
        return gauge.label() + ": from " + gauge.text(first) + " to " + gauge.text(last) + ", the trend is "
                + gauge.text(drift) + ", allowed are " + gauge.text(allowed()) + " more";
    }

    private static double[] between(double[] atSeconds, double[] values, double from, double to) {
        int begin = 0;
        while (atSeconds[begin] < from) {
            begin++;
        }
        int end = begin;
        while (end < atSeconds.length && atSeconds[end] <= to) {
            end++;
        }
        return Arrays.copyOfRange(values, begin, end);
    }

    private static double medianSlope(double[] atSeconds, double[] values) {
        int count = values.length;
        double[] slopes = new double[count * (count - 1) / 2];
        int next = 0;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                slopes[next++] = (values[j] - values[i]) / (atSeconds[j] - atSeconds[i]);
            }
        }
        return median(slopes);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
