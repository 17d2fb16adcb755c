package io.mallard.protocol.wire;

/**
 * How much a server may make a client read before the client refuses; independent of the server's {@code max_payload},
 * which binds what the client publishes.
 *
 * @param maxPayloadBytes largest accepted message, header block included
 * @param maxLineBytes longest accepted control line except INFO, line end included
 * @param maxInfoBytes longest accepted INFO line, line end included
 */
public record WireLimits(int maxPayloadBytes, int maxLineBytes, int maxInfoBytes) {
    /** 64 MiB, the most that nats-server can be configured to carry. */
    public static final int DEFAULT_MAX_PAYLOAD_BYTES = 64 << 20;
    /** 64 KiB: sixteen times what a server accepts as a control line by default. */
    public static final int DEFAULT_MAX_LINE_BYTES = 64 << 10;
    /** 1 MiB: the connect_urls of a cluster of ten thousand servers fit. */
    public static final int DEFAULT_MAX_INFO_BYTES = 1 << 20;

    public static final WireLimits DEFAULTS =
            new WireLimits(DEFAULT_MAX_PAYLOAD_BYTES, DEFAULT_MAX_LINE_BYTES, DEFAULT_MAX_INFO_BYTES);

    /** Room for a message line with a short subject and the two longest numbers. */
    private static final int MIN_LINE_BYTES = 64;

    public WireLimits {
        requireAtLeast("maxPayloadBytes", maxPayloadBytes, 0);
        requireAtLeast("maxLineBytes", maxLineBytes, MIN_LINE_BYTES);
        requireAtLeast("maxInfoBytes", maxInfoBytes, MIN_LINE_BYTES);
    }

    private static void requireAtLeast(String name, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(name + "=" + value + ", must be >= " + min);
        }
    }
}
