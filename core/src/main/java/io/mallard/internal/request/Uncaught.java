package io.mallard.internal.request;

/**
 * What is thrown by one piece of work while others wait behind it: it is told as if it had ended the thread, and does not.
 *
 * <p>Threading: stateless.
 */
public final class Uncaught {
    private Uncaught() {}

    public static void report(Throwable thrown) {
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
    }
}
