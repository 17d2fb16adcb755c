package io.mallard.it.hostile;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * The most memory that was in use at a time since it began: heap behind collections that it asks for again and again, so
 * that garbage does not count, and direct memory.
 *
 * <p>Threading: one thread of its own measures; one begins and ends it.
 */
final class MemoryWatch implements AutoCloseable {
    private static final long PAUSE_MS = 100;

    private final long heapBefore;
    private final long directBefore;
    private final Thread thread = new Thread(this::watch, "memory-watch");
    // Written by the thread; read when it has ended.
    private long heapMost;
    private long directMost;
    private volatile boolean over;

    private MemoryWatch() {
        heapBefore = heapInUse();
        directBefore = directInUse();
    }

    static MemoryWatch begin() {
        MemoryWatch watch = new MemoryWatch();
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        while (!over) {
            measure();
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // Others want to run, too.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        measure();
    }

    private void measure() {
        heapMost = Math.max(heapMost, heapInUse());
        directMost = Math.max(directMost, directInUse());
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long directInUse() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Override
    public void close() {
        end();
    }

    /** Idempotent. */
    void end() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** More than at the beginning; to be asked when it has ended. */
    long heapBytes() {
        return Math.max(0, heapMost - heapBefore);
    }

    /** The same of direct memory. */
    long directBytes() {
        return Math.max(0, directMost - directBefore);
    }
}
