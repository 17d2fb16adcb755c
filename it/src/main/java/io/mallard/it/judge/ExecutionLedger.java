package io.mallard.it.judge;

import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the requests that responders executed more than once. Memory is two bits per request.
 *
 * <p>Threading: any thread; one lock guards everything and is never held during I/O.
 */
public final class ExecutionLedger {
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final BitSet executed = new BitSet();
    private final BitSet repeated = new BitSet();

    public void executed(int request) {
        lock.lock();
        try {
            if (executed.get(request)) {
                repeated.set(request);
            }
            executed.set(request);
        } finally {
            lock.unlock();
        }
    }

    public long repeated() {
        lock.lock();
        try {
            return repeated.cardinality();
        } finally {
            lock.unlock();
        }
    }
}
