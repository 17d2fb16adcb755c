package io.mallard.protocol.wire;

import java.nio.ByteBuffer;

/**
 * Strings as UTF-8, measured and written without an intermediate array.
 */
final class Utf8 {
    private Utf8() {}

    /**
     * The number of bytes {@link #put} writes.
     *
     * @throws IllegalArgumentException for an unpaired surrogate, which has no UTF-8 form
     */
    static int length(String text) {
        int chars = text.length();
        int bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x800) {
                bytes += 2;
                if (Character.isSurrogate(c)) {
                    // Two chars become four bytes.
                    requirePair(text, i++);
                }
            } else if (c >= 0x80) {
                bytes++;
            }
        }
        return bytes;
    }

    static void put(ByteBuffer dst, String text) {
        int start = dst.position();
        int chars = text.length();
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                dst.position(start + i);
                putBeyondAscii(dst, text, i);
                return;
            }
            dst.put(start + i, (byte) c);
        }
        dst.position(start + chars);
    }

    private static void putBeyondAscii(ByteBuffer dst, String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                dst.put((byte) c);
            } else if (c < 0x800) {
                dst.put((byte) (0xc0 | c >> 6)).put(continuation(c));
            } else if (!Character.isSurrogate(c)) {
                dst.put((byte) (0xe0 | c >> 12)).put(continuation(c >> 6)).put(continuation(c));
            } else {
                int codePoint = requirePair(text, i++);
                dst.put((byte) (0xf0 | codePoint >> 18))
                        .put(continuation(codePoint >> 12))
                        .put(continuation(codePoint >> 6))
                        .put(continuation(codePoint));
            }
        }
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | (bits & 0x3f));
    }

    private static int requirePair(String text, int index) {
        int codePoint = text.codePointAt(index);
        if (!Character.isSupplementaryCodePoint(codePoint)) {
            throw new IllegalArgumentException("unpaired surrogate at index " + index + " of " + Json.quote(text));
        }
        return codePoint;
    }
}
