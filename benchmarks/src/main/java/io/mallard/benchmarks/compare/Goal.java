package io.mallard.benchmarks.compare;

import io.mallard.it.run.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A figure that was to be reached: the median of the rounds, as far as their interval allows a judgement.
 *
 * <p>Threading: immutable.
 *
 * @param stretch what would be better still; the same as {@code must} where there is no such thing
 * @param format of a value
 * @param rounds what was measured; empty if nothing was
 */
record Goal(String name, Bound must, Bound stretch, String format, List<Double> rounds) {
    /** The side on which a value is to be. */
    record Bound(boolean isUpper, double limit) {
        static Bound atMost(double limit) {
            return new Bound(true, limit);
        }

        static Bound atLeast(double limit) {
            return new Bound(false, limit);
        }

        boolean holds(double value) {
            return isUpper ? value <= limit : value >= limit;
        }

        String text(String format) {
            return (isUpper ? "≤ " : "≥ ") + String.format(Locale.ROOT, format, limit);
        }
    }

    /** Whether a bound is kept. */
    enum Standing {
        HOLDS("yes"),
        DOES_NOT_HOLD("no"),
        /** The interval of the median is on both sides. */
        OPEN("open"),
        NOT_MEASURED("?");

        private final String text;

        Standing(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    Goal {
        rounds = List.copyOf(rounds);
    }

    Optional<Spread> spread() {
        return rounds.isEmpty()
                ? Optional.empty()
                : Optional.of(Spread.of(rounds.stream().mapToDouble(each -> each)));
    }

    Standing standing(Bound bound) {
        return spread().map(spread -> standing(bound, spread)).orElse(Standing.NOT_MEASURED);
    }

    private static Standing standing(Bound bound, Spread spread) {
        boolean from = bound.holds(spread.medianFrom());
        boolean to = bound.holds(spread.medianTo());
        if (from != to) {
            return Standing.OPEN;
        }
        return from ? Standing.HOLDS : Standing.DOES_NOT_HOLD;
    }
}
