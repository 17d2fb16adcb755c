package io.mallard.internal.observe;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The highest value of the last minute at least, and of two at most: what is looked at every now and then shows what was in between, and
 * forgets it.
 *
 * <p>Threading: safe from any thread.
 */
public final class RecentPeak {
    static final long WINDOW_NS = 60_000_000_000L;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private boolean begun;
    private long beganNs;
    private long current;
    private long previous;

    public void record(long value, long nowNs) {
        lock.lock();
        try {
            turn(nowNs);
            current = Math.max(current, value);
        } finally {
            lock.unlock();
        }
    }

    /** 0 if there was none. */
    public long value(long nowNs) {
        lock.lock();
        try {
            turn(nowNs);
            return Math.max(current, previous);
        } finally {
            lock.unlock();
        }
    }

    private void turn(long nowNs) {
        long elapsedNs = nowNs - beganNs; // Perhaps negative: the time was taken before another thread came here.
        if (!begun || elapsedNs >= WINDOW_NS) {
            previous = begun && elapsedNs < 2 * WINDOW_NS ? current : 0;
            current = 0;
            beganNs = nowNs;
            begun = true;
        }
    }
}
