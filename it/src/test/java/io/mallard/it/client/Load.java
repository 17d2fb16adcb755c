package io.mallard.it.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Does something numbered from 1 at a steady pace on threads of its own until it is stopped, and keeps what failed.
 *
 * <p>Threading: thread-safe; the numbers of one thread ascend.
 */
final class Load implements AutoCloseable {
    private final LongConsumer action;
    private final long intervalNs;
    private final AtomicLong numbers = new AtomicLong();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> threads;
    // Latch: once true, always true.
    private volatile boolean stopped;

    private Load(int threadCount, int perSecond, LongConsumer action) {
        this.action = action;
        this.intervalNs = TimeUnit.SECONDS.toNanos(threadCount) / perSecond;
        this.threads = IntStream.range(0, threadCount)
                .mapToObj(i -> new Thread(this::run, "load-" + i))
                .toList();
        threads.forEach(Thread::start);
    }

    static Load start(int threadCount, int perSecond, LongConsumer action) {
        return new Load(threadCount, perSecond, action);
    }

    private void run() {
        long dueNs = System.nanoTime();
        while (!stopped) {
            long number = numbers.incrementAndGet();
            try {
                action.accept(number);
            } catch (RuntimeException e) {
                failures.add(e);
            }
            dueNs += intervalNs;
            long waitNs = dueNs - System.nanoTime();
            if (waitNs > 0) {
                LockSupport.parkNanos(waitNs);
            }
        }
    }

    /** How many were begun so far; all of them are done when it has been stopped. */
    long count() {
        return numbers.get();
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Waits until that many more were begun. */
    void awaitMore(long more) {
        long target = count() + more;
        Eventually.eventually("load to go on", () -> count() >= target);
    }

    /** Begins no more and waits for those under way; returns how many there were. */
    long stop() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(Eventually.LONG.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new AssertionError("the load hangs in " + List.of(thread.getStackTrace()));
            }
        }
        return count();
    }

    @Override
    public void close() {
        stop();
    }
}
