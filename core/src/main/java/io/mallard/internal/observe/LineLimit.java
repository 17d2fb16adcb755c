package io.mallard.internal.observe;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets so many log lines of a kind through in a second, and counts the others: what a server repeats without end must
 * not fill a disk.
 *
 * <p>Threading: safe from any thread.
 */
final class LineLimit {
    /** What {@link #admit} says of a line that is left out. */
    static final long LEFT_OUT = -1;

    static final int LINES_PER_SECOND = 20;

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private long beganNs;
    private int lines;
    private long leftOut;

    /** How many lines were left out before this one, or that this one is. */
    long admit(long nowNs) {
        lock.lock();
        try {
            if (lines == 0 || nowNs - beganNs >= SECOND_NS) {
                beganNs = nowNs;
                lines = 0;
            }
            if (lines == LINES_PER_SECOND) {
                leftOut++;
                return LEFT_OUT;
            }
            lines++;
            long before = leftOut;
            leftOut = 0;
            return before;
        } finally {
            lock.unlock();
        }
    }
}
