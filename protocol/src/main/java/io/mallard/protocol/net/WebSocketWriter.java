package io.mallard.protocol.net;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * Puts bytes into the masked frames of a client (RFC 6455, 5.2 and 5.3), in one go with copying them.
 *
 * <p>Threading: used by whoever may write.
 */
final class WebSocketWriter {
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PONG = 10;

    /** Two bytes, two of a length, four of a mask. */
    static final int MAX_HEADER_BYTES = 8;

    /** More would need a longer header, and is no faster. */
    private static final int MAX_PAYLOAD_BYTES = 0xffff;

    private static final int FIN = 0x80;
    private static final int MASK = 0x80;
    private static final int MAX_SHORT_LENGTH = 125;
    private static final int LENGTH_IN_16_BITS = 126;

    private final Masks masks;

    WebSocketWriter(RandomGenerator random) {
        this.masks = new Masks(random);
    }

    /** One frame with as much of the payload as there is room for behind its header. */
    void frame(int opcode, ByteBuffer payload, ByteBuffer out) {
        int length = Math.min(payload.remaining(), Math.min(MAX_PAYLOAD_BYTES, out.remaining() - MAX_HEADER_BYTES));
        out.put((byte) (FIN | opcode));
        if (length <= MAX_SHORT_LENGTH) {
            out.put((byte) (MASK | length));
        } else {
            out.put((byte) (MASK | LENGTH_IN_16_BITS)).putShort((short) length);
        }
        int mask = masks.next();
        out.putInt(mask);
        mask(payload, length, mask, out);
    }

    /** Eight bytes at a time; both buffers are in the order of the network. */
    private static void mask(ByteBuffer payload, int length, int mask, ByteBuffer out) {
        long twice = ((long) mask << Integer.SIZE) | (mask & 0xffff_ffffL);
        int from = payload.position();
        int to = out.position();
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            out.putLong(to + i, payload.getLong(from + i) ^ twice);
        }
        for (; i < length; i++) {
            out.put(to + i, (byte) (payload.get(from + i) ^ (mask >>> (24 - 8 * (i & 3)))));
        }
        payload.position(from + length);
        out.position(to + length);
    }
}
