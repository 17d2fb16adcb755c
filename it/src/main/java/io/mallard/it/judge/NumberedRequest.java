package io.mallard.it.judge;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One request to the responder of one node; the right answer repeats its number and names the node.
 *
 * <p>Threading: immutable.
 */
public record NumberedRequest(int node, int number) {
    private static final int BYTES = 4;

    public String subject() {
        return subject(node);
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putInt(number).array();
    }

    public boolean isAnsweredBy(byte[] reply) {
        return Arrays.equals(answer(), reply);
    }

    static String subject(int node) {
        return "demo.req." + node;
    }

    static NumberedRequest from(int node, byte[] payload) {
        if (payload.length != BYTES) {
            throw new IllegalArgumentException("a numbered request has " + BYTES + " bytes, not " + payload.length);
        }
        return new NumberedRequest(node, ByteBuffer.wrap(payload).getInt());
    }

    byte[] answer() {
        return ByteBuffer.allocate(2 * BYTES).putInt(number).putInt(node).array();
    }
}
