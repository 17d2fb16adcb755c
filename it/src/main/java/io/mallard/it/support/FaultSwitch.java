package io.mallard.it.support;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which faults one direction of a {@link TcpProxy} has at the moment, at most one of each kind.
 *
 * <p>Threading: thread-safe.
 */
final class FaultSwitch {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Written under lock, read by anybody; each one immutable.
    private volatile Map<Class<?>, Fault> faults = Map.of();

    void add(Fault fault) {
        lock.lock();
        try {
            Map<Class<?>, Fault> more = new HashMap<>(faults);
            more.put(fault.getClass(), fault);
            change(more);
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            change(Map.of());
        } finally {
            lock.unlock();
        }
    }

    /** Ends a fault that happens once; false if it has been ended already, or is another one by now. */
    boolean takeOut(Fault fault) {
        lock.lock();
        try {
            if (faults.get(fault.getClass()) != fault) {
                return false;
            }
            Map<Class<?>, Fault> fewer = new HashMap<>(faults);
            fewer.remove(fault.getClass());
            change(fewer);
            return true;
        } finally {
            lock.unlock();
        }
    }

    <F extends Fault> @Nullable F find(Class<F> kind) {
        return kind.cast(faults.get(kind));
    }

    boolean has(Class<? extends Fault> kind) {
        return faults.containsKey(kind);
    }

    /** Returns when there is no fault of this kind. */
    void awaitWithout(Class<? extends Fault> kind) throws InterruptedException {
        lock.lock();
        try {
            while (has(kind)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void change(Map<Class<?>, Fault> to) {
        assert lock.isHeldByCurrentThread();
        faults = Map.copyOf(to);
        changed.signalAll();
    }
}
