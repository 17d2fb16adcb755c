package io.mallard.internal.observe;

import io.mallard.ClientListener;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells the listener what has happened: off the event loop, in order, one thing at a time. A listener that is far
 * behind misses the oldest events.
 *
 * <p>Threading: safe from any thread.
 */
public final class ListenerNotifier {
    static final int MAX_WAITING = 1_024;

    private final ClientListener listener;
    private final Executor executor;
    private final EventLog log;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Queue<Consumer<ClientListener>> events = new ArrayDeque<>();
    private boolean running;

    public ListenerNotifier(ClientListener listener, Executor executor, EventLog log) {
        this.listener = listener;
        this.executor = executor;
        this.log = log;
    }

    public void tell(Consumer<ClientListener> event) {
        lock.lock();
        try {
            if (events.size() == MAX_WAITING) {
                events.remove();
                log.listenerMissesEvent(MAX_WAITING);
            }
            events.add(event);
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            stop(); // The next event tries again.
            log.listenerFailed(e);
        }
    }

    private void stop() {
        lock.lock();
        try {
            running = false;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            Consumer<ClientListener> event;
            lock.lock();
            try {
                event = events.poll();
                if (event == null) {
                    running = false;
                    return;
                }
            } finally {
                lock.unlock();
            }
            try {
                event.accept(listener);
            } catch (RuntimeException | Error e) {
                log.listenerFailed(e);
            }
        }
    }
}
