package io.mallard.it.support;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Puts a {@link LeakDetector} around each test, outside its own set-up and tear-down methods.
 *
 * <p>Threading: the detector belongs to the context of one test; tests that run side by side would blame each other.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

    /** What a test has ended may take a moment to be gone. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(LeakDetector.class, LeakDetector.start());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try (LeakDetector detector = context.getStore(NAMESPACE).remove(LeakDetector.class, LeakDetector.class)) {
            requireNoLeak(detector, GRACE);
        }
    }

    /** Fails, naming what is left when the grace is over, and at any exception that ended a thread. */
    static void requireNoLeak(LeakDetector detector, Duration grace) {
        List<String> left = detector.left(grace);
        if (!left.isEmpty() || !detector.uncaught().isEmpty()) {
            AssertionError error = new AssertionError(
                    left.isEmpty() ? "a thread ended by an exception" : "left behind: " + String.join(", ", left));
            detector.uncaught().forEach(error::addSuppressed);
            throw error;
        }
    }
}
