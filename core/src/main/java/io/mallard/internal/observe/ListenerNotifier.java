package io.mallard.internal.observe;

import io.mallard.ClientListener;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells the listener what has happened: off the event loop, in order, one thing at a time.
 *
 * <p>Threading: safe from any thread.
 */
public final class ListenerNotifier {
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
        } catch (RejectedExecutionException e) {
            log.listenerFailed(e);
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
