package io.mallard.internal.request;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines by the millisecond in which they fall due, so that adding, removing and finding the due ones cost the same
 * for ten and for a million.
 *
 * <pre>
 *   slot  … 41      42      43      44 …            4096 slots of about 1 ms; a later lap shares the slot
 *            |               |
 *          entry           entry &lt;-&gt; entry          doubly linked, so an answered request leaves at once
 * </pre>
 *
 * <p>Threading: safe from any thread. Entries are linked under the lock.
 */
final class DeadlineWheel<E extends DeadlineWheel.Entry<E>> {
    /** What waits for a deadline; belongs to one wheel at most. */
    abstract static class Entry<E extends Entry<E>> {
        /** Changed only while it is in no wheel. */
        long deadlineNs;

        // Guarded by the wheel's lock.
        @Nullable
        E previous;

        @Nullable
        E next;

        /** Where it is linked, or {@link #UNLINKED}. */
        int slot = UNLINKED;

        Entry(long deadlineNs) {
            this.deadlineNs = deadlineNs;
        }
    }

    /** A little more than a millisecond: dividing by it is a shift. */
    private static final int TICK_SHIFT = 20;

    private static final int SLOTS = 4096;
    private static final int UNLINKED = -1;
    private static final long NOTHING_DUE = Long.MAX_VALUE;

    private final long startNs;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final @Nullable E[] slots;
    private int size;
    private long sweptTick;
    /**
     * No entry is due before this; it may be too early after a removal, and is corrected when it is reached. So most
     * additions find a wake-up planned before their own deadline, and the loop need not be told of them.
     */
    private long nextDueNs = NOTHING_DUE;

    @SuppressWarnings("unchecked")
    DeadlineWheel(long nowNs) {
        slots = (E[]) new Entry<?>[SLOTS];
        startNs = nowNs;
    }

    /** Adds an entry; returns whether it is due before everything else, so that whoever sleeps must be woken. */
    boolean add(E entry) {
        lock.lock();
        try {
            // A deadline that is already past goes where the next sweep begins.
            int slot = slot(Math.max(sweptTick, tick(entry.deadlineNs)));
            E head = slots[slot];
            entry.next = head;
            if (head != null) {
                head.previous = entry;
            }
            slots[slot] = entry;
            entry.slot = slot;
            size++;
            if (nextDueNs == NOTHING_DUE || entry.deadlineNs - nextDueNs < 0) {
                nextDueNs = entry.deadlineNs;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Removes an entry; false when it is not in the wheel. */
    boolean remove(E entry) {
        lock.lock();
        try {
            if (entry.slot == UNLINKED) {
                return false;
            }
            unlink(entry);
            return true;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /** Removes and hands over every entry that is due; returns the nanoseconds until the next one may be. */
    long expire(long nowNs, Consumer<E> onDue) {
        E due = null;
        long waitNs;
        lock.lock();
        try {
            if (nextDueNs == NOTHING_DUE) {
                return Long.MAX_VALUE;
            }
            if (nextDueNs - nowNs <= 0) {
                due = unlinkDue(nowNs);
                nextDueNs = findNextDue();
            }
            waitNs = nextDueNs == NOTHING_DUE ? Long.MAX_VALUE : nextDueNs - nowNs;
        } finally {
            lock.unlock();
        }
        while (due != null) {
            E next = due.next;
            due.next = null;
            try {
                onDue.accept(due);
            } catch (RuntimeException | Error e) { // The others are due all the same, and are nowhere else any more.
                Uncaught.report(e);
            }
            due = next;
        }
        return waitNs;
    }

    private @Nullable E unlinkDue(long nowNs) {
        E due = null;
        long nowTick = tick(nowNs);
        long first = Math.max(sweptTick, nowTick - SLOTS + 1);
        for (long tick = first; tick <= nowTick; tick++) {
            E entry = slots[slot(tick)];
            while (entry != null) {
                E next = entry.next;
                if (entry.deadlineNs - nowNs <= 0) {
                    unlink(entry);
                    entry.next = due;
                    due = entry;
                }
                entry = next;
            }
        }
        sweptTick = nowTick; // Not beyond: this tick is not over yet.
        return due;
    }

    /** The start of the first slot that holds anything: an entry of a later lap makes it early, never late. */
    private long findNextDue() {
        if (size > 0) {
            for (long tick = sweptTick; tick < sweptTick + SLOTS; tick++) {
                E entry = slots[slot(tick)];
                long earliest = NOTHING_DUE;
                for (; entry != null; entry = entry.next) {
                    if (earliest == NOTHING_DUE || entry.deadlineNs - earliest < 0) {
                        earliest = entry.deadlineNs;
                    }
                }
                if (earliest != NOTHING_DUE) {
                    return tick(earliest) == tick ? earliest : startNs + ((tick + 1) << TICK_SHIFT);
                }
            }
        }
        return NOTHING_DUE;
    }

    private void unlink(E entry) {
        if (entry.previous == null) {
            slots[entry.slot] = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
        entry.slot = UNLINKED;
        size--;
    }

    /** Counted from the start, because the clock itself may pass from the largest number to the smallest. */
    private long tick(long timeNs) {
        return (timeNs - startNs) >> TICK_SHIFT;
    }

    private static int slot(long tick) {
        return (int) (tick & (SLOTS - 1));
    }
}
