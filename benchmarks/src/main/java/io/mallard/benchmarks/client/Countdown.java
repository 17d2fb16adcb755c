package io.mallard.benchmarks.client;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Wakes one thread when so many things have happened.
 *
 * <p>Threading: one thread waits; one at a time counts.
 */
final class Countdown {
    static final long TIMEOUT_SECONDS = 30;

    private final Semaphore done = new Semaphore(0);
    // Written by the thread that waits, read by the one that counts.
    private final AtomicLong wanted = new AtomicLong();
    // Owned by the thread that counts.
    private long happened;

    /** To be called before the first of them can happen. */
    void expect(long more) {
        wanted.addAndGet(more);
    }

    void onHappened() {
        if (++happened == wanted.get()) {
            done.release();
        }
    }

    void await() {
        await(done, 1);
    }

    /** Waits for permits with a deadline. */
    static void await(Semaphore semaphore, int permits) {
        try {
            if (!semaphore.tryAcquire(permits, TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nothing came within " + TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static IllegalStateException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", cause);
    }
}
