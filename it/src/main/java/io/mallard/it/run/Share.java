package io.mallard.it.run;

import java.util.OptionalDouble;

/**
 * How many of so many.
 *
 * <p>Threading: immutable.
 */
public record Share(long part, long of) {
    /** Empty of nothing. */
    public OptionalDouble percent() {
        return of == 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * part / of);
    }
}
