package io.mallard.it.targets;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.function.DoublePredicate;

/**
 * What a measured value is to be.
 *
 * <p>Threading: immutable.
 *
 * @param text the bound in words
 * @param format of a value
 */
record Bound(String text, String format, DoublePredicate keeps) {
    /** Milliseconds. */
    static Bound belowMs(double limit) {
        return new Bound("< " + plain(limit) + " ms", "%.2f ms", value -> value < limit);
    }

    static Bound belowPercent(double limit) {
        return new Bound("< " + plain(limit) + " %", "%.2f %%", value -> value < limit);
    }

    static Bound abovePercent(double limit) {
        return new Bound("> " + plain(limit) + " %", "%.2f %%", value -> value > limit);
    }

    static Bound zero() {
        return new Bound("0", "%.0f", value -> value == 0);
    }

    String format(double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static String plain(double limit) {
        return BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString();
    }
}
