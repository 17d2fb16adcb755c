package io.mallard.it.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Makes every event of a schedule happen, on a fixed number of threads that share the events in turn. A thread that is late does its
 * events one after the other until it has caught up; none is left out.
 *
 * <p>Threading: controlled by one thread; the events happen on the paced ones.
 */
public final class PacedThreads implements AutoCloseable {
    /** One event of the schedule, on the thread it belongs to. */
    @FunctionalInterface
    public interface Event {
        void happen(int thread, int number, long intendedNs);
    }

    private final Schedule schedule;
    private final Event event;
    private final List<Thread> threads;

    // Written by the controlling thread, read by the paced ones.
    private volatile long endNs;

    public PacedThreads(String name, int count, Schedule schedule, Event event) {
        this.schedule = schedule;
        this.event = event;
        this.endNs = schedule.startNs() + TimeUnit.DAYS.toNanos(365);
        this.threads = IntStream.range(0, count)
                .mapToObj(i -> new Thread(() -> run(i, count), name + "-" + i))
                .toList();
    }

    public void start() {
        threads.forEach(Thread::start);
    }

    /** Lets happen what is due until now and nothing more. */
    public void stop(long nowNs) {
        endNs = nowNs;
        threads.forEach(LockSupport::unpark);
    }

    /** Events that are meant to have happened by now, or by the time of the stop. */
    long due(long nowNs) {
        return schedule.dueBy(nowNs - endNs < 0 ? nowNs : endNs);
    }

    /** Waits until everything due at the stop has happened; false if that took longer than allowed. */
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadlineNs - System.nanoTime()));
        }
        return threads.stream().noneMatch(Thread::isAlive);
    }

    /** Ends the threads wherever they are. */
    @Override
    public void close() {
        stop(schedule.startNs());
        threads.forEach(Thread::interrupt);
    }

    private void run(int thread, int step) {
        for (int number = thread; ; number += step) {
            long intendedNs = schedule.intendedNs(number);
            if (!awaitTurn(intendedNs)) {
                return;
            }
            event.happen(thread, number, intendedNs);
        }
    }

    /** False if the event lies behind the end. */
    private boolean awaitTurn(long intendedNs) {
        while (intendedNs - endNs < 0) {
            long waitNs = intendedNs - System.nanoTime();
            if (waitNs <= 0) {
                return true;
            }
            LockSupport.parkNanos(waitNs);
        }
        return false;
    }
}
