package io.mallard.internal.request;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests under way, by number: that of a request says which slot it has, and numbers whose slot is taken are passed
 * over. So an entry is no object of its own, and the reply finds it without a search.
 *
 * <pre>
 *   number   … 64      65      66      67 …      of 64 slots: n mod 64
 *               |               |
 *            request         request             65 was taken when it came round: by request 1, which is still under way
 * </pre>
 *
 * <p>Threading: safe from any thread. Those who add take a lock, whoever looks up or removes takes none.
 */
final class RequestSlots {
    private static final int INITIAL_SLOTS = 64;

    // Replaced under the lock.
    private volatile AtomicReferenceArray<@Nullable PendingRequest> slots = new AtomicReferenceArray<>(INITIAL_SLOTS);
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private long lastNumber;
    /** Of this lap: as many as were found taken. When they are half of all, there are to be twice as many. */
    private int passedOver;

    /** A number no request has or will have. */
    long newNumber() {
        lock.lock();
        try {
            return ++lastNumber;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a request and gives it the token of its number. */
    void add(PendingRequest request) {
        lock.lock();
        try {
            while (slots.get(nextIndex()) != null) {
                if (++passedOver > slots.length() / 2) {
                    grow();
                    passedOver = 0;
                }
            }
            request.token = PendingRequest.firstToken(lastNumber);
            slots.set(index(slots, lastNumber), request);
        } finally {
            lock.unlock();
        }
    }

    private int nextIndex() {
        int index = index(slots, ++lastNumber);
        if (index == 0) {
            passedOver = 0;
        }
        return index;
    }

    @Nullable
    PendingRequest get(long number) {
        AtomicReferenceArray<@Nullable PendingRequest> now = slots;
        PendingRequest request = now.get(index(now, number));
        return request != null && number(request) == number ? request : null;
    }

    /** Removes a request, once. */
    void remove(PendingRequest request) {
        long number = number(request);
        AtomicReferenceArray<@Nullable PendingRequest> before;
        do {
            before = slots;
            before.compareAndSet(index(before, number), request, null);
        } while (before != slots); // It may have been copied in between.
    }

    /** Those there are, in no order. */
    List<PendingRequest> all() {
        AtomicReferenceArray<@Nullable PendingRequest> now = slots;
        List<PendingRequest> all = new ArrayList<>();
        for (int i = 0; i < now.length(); i++) {
            PendingRequest request = now.get(i);
            if (request != null) {
                all.add(request);
            }
        }
        return all;
    }

    /** How many there may be before it must grow. */
    int capacity() {
        return slots.length();
    }

    private void grow() {
        assert lock.isHeldByCurrentThread();
        AtomicReferenceArray<@Nullable PendingRequest> old = slots;
        AtomicReferenceArray<@Nullable PendingRequest> grown = new AtomicReferenceArray<>(2 * old.length());
        for (int i = 0; i < old.length(); i++) {
            PendingRequest request = old.get(i);
            if (request != null) {
                grown.set(index(grown, number(request)), request);
            }
        }
        slots = grown;
        // Whoever removed from the old slots before it could see the new ones.
        for (int i = 0; i < grown.length(); i++) {
            PendingRequest request = grown.get(i);
            if (request != null && old.get(index(old, number(request))) != request) {
                grown.compareAndSet(i, request, null);
            }
        }
    }

    private static long number(PendingRequest request) {
        return PendingRequest.number(request.token);
    }

    private static int index(AtomicReferenceArray<?> slots, long number) {
        return (int) number & (slots.length() - 1);
    }
}
