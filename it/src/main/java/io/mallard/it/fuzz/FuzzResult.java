package io.mallard.it.fuzz;

import java.util.Locale;

/**
 * What became of one target.
 *
 * <p>Threading: immutable.
 *
 * @param findings inputs that it did not stand, and that are not yet named after what they show
 */
record FuzzResult(FuzzTarget target, long executions, int inputs, long inputBytes, int findings) {
    String line() {
        return String.format(
                Locale.ROOT,
                "%s\t%d executions\t%d inputs\t%d bytes\t%d findings",
                target.simpleName(),
                executions,
                inputs,
                inputBytes,
                findings);
    }
}
