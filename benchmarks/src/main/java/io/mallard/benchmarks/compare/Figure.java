package io.mallard.benchmarks.compare;

import java.util.Locale;

/**
 * One kind of number that a measurement ends with.
 *
 * <p>Threading: immutable.
 */
enum Figure {
    THROUGHPUT("per second") {
        @Override
        String format(double value) {
            return value >= 1e6 ? number("%.2f M", value / 1e6) : number("%.1f k", value / 1e3);
        }
    },
    P50_US("p50 µs"),
    P99_US("p99 µs"),
    /** Of the process that holds the client, and what else is in it: see the question. */
    BYTES("bytes allocated"),
    CPU_NS("CPU ns");

    private final String label;

    Figure(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    String format(double value) {
        return number("%.1f", value);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
