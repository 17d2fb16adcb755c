package io.mallard.it.support;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits, at most for a given time, until something outside this process has come to pass.
 *
 * <p>Threading: stateless; blocks the caller. Asks again every few milliseconds, because a file or a server cannot call back.
 */
public final class Await {
    private static final long PAUSE_MS = 10;

    /** Something that is true or not yet; an {@link IOException} counts as not yet. */
    @FunctionalInterface
    public interface Condition {
        boolean isMet() throws IOException;
    }

    private Await() {}

    public static void until(String what, Duration timeout, Condition condition) {
        until(what, timeout, condition, () -> "");
    }

    /** As above; {@code evidence} goes into the error, to say what was there instead. */
    public static void until(String what, Duration timeout, Condition condition, Supplier<String> evidence) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        @Nullable IOException last = null;
        while (true) {
            try {
                if (condition.isMet()) {
                    return;
                }
                last = null;
            } catch (IOException e) {
                last = e;
            }
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new NatsServerException(
                        "waited " + timeout.toMillis() + " ms in vain for " + what + evidence.get(), last);
            }
            pause(what);
        }
    }

    private static void pause(String what) {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for " + what, e);
        }
    }
}
