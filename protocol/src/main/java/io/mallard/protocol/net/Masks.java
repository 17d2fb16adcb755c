package io.mallard.protocol.net;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * The masks of frames, of which nobody may foresee one (RFC 6455, 10.3): taken from the generator many at once, because asking
 * it costs more than most frames.
 *
 * <p>Threading: used by whoever may write.
 */
final class Masks {
    private static final int AT_ONCE = 256;

    private final RandomGenerator random;
    private final ByteBuffer left = ByteBuffer.allocate(AT_ONCE * Integer.BYTES).flip();

    Masks(RandomGenerator random) {
        this.random = random;
    }

    int next() {
        if (!left.hasRemaining()) {
            random.nextBytes(left.array());
            left.clear();
        }
        return left.getInt();
    }
}
