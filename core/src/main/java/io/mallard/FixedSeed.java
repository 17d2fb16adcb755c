package io.mallard;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The seed of a key that stays the same; whoever asks gets a copy, to wipe after use.
 *
 * <p>Threading: immutable.
 */
final class FixedSeed implements Supplier<char[]> {
    private final char[] seed;

    FixedSeed(char[] seed) {
        this.seed = seed.clone();
    }

    @Override
    public char[] get() {
        return seed.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FixedSeed fixed && Arrays.equals(seed, fixed.seed);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(seed);
    }

    @Override
    public String toString() {
        return "***";
    }
}
