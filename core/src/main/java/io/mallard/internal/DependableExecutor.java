package io.mallard.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Runs what must run some day on the executor the user has given, or on a thread of the client's own when that one
 * refuses because it is full or shut down.
 *
 * <p>Threading: safe from any thread.
 */
public final class DependableExecutor implements Executor {
    private final Executor given;
    private final ThreadFactory own;

    public DependableExecutor(Executor given, ThreadFactory own) {
        this.given = given;
        this.own = own;
    }

    @Override
    public void execute(Runnable task) {
        try {
            given.execute(task);
        } catch (RuntimeException | Error refused) {
            own.newThread(task).start();
        }
    }
}
