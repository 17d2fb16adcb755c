package io.mallard.it.client;

import io.mallard.NatsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Loads whose every call has a deadline, and may be told {@link NatsException} by then.
 *
 * <p>Threading: controlled by one thread.
 */
final class TimedLoads implements AutoCloseable {
    /** Of every call. */
    static final Duration DEADLINE = Duration.ofSeconds(2);
    /** How much later a call may end on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private final List<Load> loads = new ArrayList<>();
    private final AtomicLong longestCallNs = new AtomicLong();

    Load start(int threads, int perSecond, Runnable call) {
        Load load = Load.start(threads, perSecond, number -> {
            long beganNs = System.nanoTime();
            try {
                call.run();
            } catch (NatsException e) {
                // Whoever is cut off is told so, and what matters is when.
            } finally {
                longestCallNs.accumulateAndGet(System.nanoTime() - beganNs, Math::max);
            }
        });
        loads.add(load);
        return load;
    }

    /** Ends all loads; throws if a call failed in another way, or took longer than it may. */
    void stop() {
        loads.forEach(Load::stop);
        for (Load load : loads) {
            if (!load.failures().isEmpty()) {
                throw new AssertionError("the load failed", load.failures().get(0));
            }
        }
        if (longestCallNs.get() > DEADLINE.plus(SLACK).toNanos()) {
            throw new AssertionError("a call took " + Duration.ofNanos(longestCallNs.get()));
        }
    }

    @Override
    public void close() {
        loads.forEach(Load::close);
    }
}
