package io.mallard.it.judge;

import java.nio.ByteBuffer;

/**
 * The payload of one publish: who published it, its number, and when. The time is {@link System#nanoTime}: sender and receiver share
 * one process.
 *
 * <p>Threading: immutable.
 */
public record NumberedMessage(int publisher, int sequence, long sentNs) {
    /** Every receiver subscribes to this. */
    static final String ALL_SUBJECTS = "demo.pub.>";

    private static final int BYTES = 16;

    public String subject() {
        return "demo.pub." + publisher;
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putInt(publisher)
                .putInt(sequence)
                .putLong(sentNs)
                .array();
    }

    public static NumberedMessage from(byte[] payload) {
        if (payload.length != BYTES) {
            throw new IllegalArgumentException("a numbered message has " + BYTES + " bytes, not " + payload.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        return new NumberedMessage(buffer.getInt(), buffer.getInt(), buffer.getLong());
    }
}
