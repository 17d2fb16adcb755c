package io.mallard.it.judge;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the requests that responders executed more than once. Memory grows with those, and not with
 * the number of requests.
 *
 * <p>Threading: any thread; one lock guards everything and is never held during I/O.
 */
public final class ExecutionLedger {
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final NumberRuns executed = new NumberRuns();
    private final NumberRuns repeated = new NumberRuns();

    public void executed(int request) {
        lock.lock();
        try {
            if (!executed.add(request)) {
                repeated.add(request);
            }
        } finally {
            lock.unlock();
        }
    }

    public long repeated() {
        lock.lock();
        try {
            return repeated.size();
        } finally {
            lock.unlock();
        }
    }
}
