package io.mallard;

import java.util.function.Supplier;

/**
 * A secret that stays the same.
 *
 * <p>Threading: immutable.
 */
record FixedSecret(String secret) implements Supplier<String> {
    @Override
    public String get() {
        return secret;
    }

    @Override
    public String toString() {
        return "***";
    }
}
