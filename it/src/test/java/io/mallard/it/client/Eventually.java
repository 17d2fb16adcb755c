package io.mallard.it.client;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/**
 * Waits for what another thread or process brings about, and fails when it does not come to pass in time.
 *
 * <p>Threading: stateless; asks on the caller's thread.
 */
final class Eventually {
    /** Long enough for a loaded machine, short enough to end a hanging test. */
    static final Duration LONG = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(5);

    private Eventually() {}

    static void eventually(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(PAUSE)
                .atMost(LONG)
                .until(condition);
    }

    static void eventuallyAsserted(ThrowingRunnable assertion) {
        Awaitility.await()
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(PAUSE)
                .atMost(LONG)
                .untilAsserted(assertion);
    }
}
