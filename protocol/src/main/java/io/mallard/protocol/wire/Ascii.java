package io.mallard.protocol.wire;

import java.nio.ByteBuffer;

/**
 * Decimal numbers as ASCII digits, both ways, without a string in between.
 */
final class Ascii {
    /** Digits of {@link Long#MAX_VALUE}. */
    private static final int MAX_DIGITS = 19;

    private Ascii() {}

    /** The number that these bytes spell, or -1 if they are not 1 to 19 digits or exceed {@link Long#MAX_VALUE}. */
    static long parseDecimal(byte[] bytes, int from, int to) {
        if (from == to || to - from > MAX_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        // Nineteen digits stay below 2^64, so too large a number has wrapped exactly once and is negative.
        return value < 0 ? -1 : value;
    }

    static int decimalDigits(long value) {
        assert value >= 0 : value;
        int digits = 1;
        for (long bound = 10; digits < MAX_DIGITS && value >= bound; bound *= 10) {
            digits++;
        }
        return digits;
    }

    static void putDecimal(ByteBuffer dst, long value) {
        int end = dst.position() + decimalDigits(value);
        long rest = value;
        for (int i = end - 1; i >= dst.position(); i--) {
            dst.put(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        dst.position(end);
    }
}
