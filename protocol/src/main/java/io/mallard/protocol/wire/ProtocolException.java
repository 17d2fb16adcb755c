package io.mallard.protocol.wire;

import java.io.IOException;
import java.io.Serial;

/**
 * The peer sent bytes that are not the NATS protocol or exceed a {@link WireLimits limit}; the position in the stream
 * is lost and the connection with it.
 */
public final class ProtocolException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    private static final int MAX_EXCERPT_BYTES = 64;

    /**
     * @param what the violated rule and its numbers
     * @param streamOffset where in the stream the offending line, or payload end, begins
     */
    ProtocolException(String what, long streamOffset, byte[] bytes, int from, int to) {
        super(what + " at stream offset " + streamOffset + ": " + excerpt(bytes, from, to));
    }

    /** The first bytes in quotes, all but printable ASCII escaped, so that a log line stays one line. */
    static String excerpt(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + MAX_EXCERPT_BYTES);
        StringBuilder text = new StringBuilder(end - from + 8).append('"');
        for (int i = from; i < end; i++) {
            appendEscaped(text, bytes[i] & 0xff);
        }
        return text.append(end < to ? "\"…" : "\"").toString();
    }

    private static void appendEscaped(StringBuilder text, int b) {
        switch (b) {
            case '\r' -> text.append("\\r");
            case '\n' -> text.append("\\n");
            case '\t' -> text.append("\\t");
            case '"', '\\' -> text.append('\\').append((char) b);
            default -> {
                if (b >= ' ' && b < 0x7f) {
                    text.append((char) b);
                } else {
                    text.append("\\x").append(hexDigit(b >> 4)).append(hexDigit(b & 0xf));
                }
            }
        }
    }

    private static char hexDigit(int nibble) {
        return Character.forDigit(nibble, 16);
    }
}
