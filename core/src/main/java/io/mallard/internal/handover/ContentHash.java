package io.mallard.internal.handover;

import io.mallard.protocol.wire.MessageView;
import java.nio.ByteBuffer;

/**
 * What two copies of a message have in common and two different messages have not: a 64-bit hash of everything in it.
 *
 * <p>It is keyed, so that nobody who does not know the key can publish two messages that are taken for one.
 *
 * <p>Threading: immutable.
 */
final class ContentHash {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long key;

    /** {@code key} is random and secret. */
    ContentHash(long key) {
        this.key = key;
    }

    long of(MessageView message) {
        long hash = mix(key, message.sid());
        for (int i = 0; i < message.subjectLength(); i++) {
            hash = mix(hash, message.subjectByte(i));
        }
        String reply = message.reply();
        hash = mix(hash, reply == null ? -1 : reply.length());
        for (int i = 0; reply != null && i < reply.length(); i++) {
            hash = mix(hash, reply.charAt(i));
        }
        byte[] headers = message.headers();
        hash = headers == null ? mix(hash, -1) : mix(hash, headers);
        return mix(hash, message.payload());
    }

    private long mix(long hash, byte[] bytes) {
        long mixed = mix(hash, bytes.length);
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.remaining() >= Long.BYTES) {
            mixed = mix(mixed, rest.getLong());
        }
        while (rest.hasRemaining()) {
            mixed = mix(mixed, rest.get());
        }
        return mixed;
    }

    /** Both halves of a 128-bit product: every bit of the input reaches every bit of the hash. */
    private long mix(long hash, long input) {
        long a = hash ^ input;
        long b = key ^ MULTIPLIER;
        return (a * b ^ Math.multiplyHigh(a, b)) + MULTIPLIER;
    }
}
