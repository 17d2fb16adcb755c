package io.mallard.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.protocol.wire.MessageView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What two copies of a message have in common and two different messages have not: a 64-bit hash of subject, reply,
 * headers and payload.
 *
 * <p>It is keyed, so that nobody who does not know the key can publish two messages that are taken for one.
 *
 * <p>Threading: immutable.
 */
public final class ContentHash {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long key;

    /** {@code key} is random and secret. */
    public ContentHash(long key) {
        this.key = key;
    }

    /** Of a message as it was received. */
    public long of(MessageView message) {
        long hash = key;
        for (int i = 0; i < message.subjectLength(); i++) {
            hash = mix(hash, message.subjectByte(i));
        }
        return rest(hash, message.reply(), message.headers(), ByteBuffer.wrap(message.payload()));
    }

    /** Of a message as it is published; leaves the payload's position alone. */
    public long of(String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload) {
        long hash = key;
        for (byte b : subject.getBytes(UTF_8)) {
            hash = mix(hash, b);
        }
        return rest(hash, reply, headers, payload.duplicate());
    }

    /** Of a hash and something that sets it apart, such as a sid. */
    public long with(long hash, long distinction) {
        return mix(hash, distinction);
    }

    private long rest(long hash, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload) {
        long mixed = mix(hash, reply == null ? -1 : reply.length());
        for (int i = 0; reply != null && i < reply.length(); i++) {
            mixed = mix(mixed, reply.charAt(i));
        }
        mixed = headers == null ? mix(mixed, -1) : mix(mixed, ByteBuffer.wrap(headers));
        return mix(mixed, payload);
    }

    private long mix(long hash, ByteBuffer bytes) {
        long mixed = mix(hash, bytes.remaining());
        while (bytes.remaining() >= Long.BYTES) {
            mixed = mix(mixed, bytes.getLong());
        }
        while (bytes.hasRemaining()) {
            mixed = mix(mixed, bytes.get());
        }
        return mixed;
    }

    /** Both halves of a 128-bit product: every bit of the input reaches every bit of the hash. */
    private long mix(long hash, long input) {
        long a = hash ^ input;
        long b = key ^ MULTIPLIER;
        long high = Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a); // Unsigned.
        return (a * b ^ high) + MULTIPLIER;
    }
}
