package io.mallard.it.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * Remembers which threads and sockets this process had, and tells which it has more.
 *
 * <p>Threading: used by one thread; meanwhile it is the default handler of what no thread caught.
 */
final class LeakDetector implements Thread.UncaughtExceptionHandler {
    /** Threads that the JDK or JUnit start when they first need them and keep. */
    private static final Pattern NOT_OURS = Pattern.compile(
            "process reaper.*|ForkJoinPool\\.commonPool-worker-\\d+|CompletableFutureDelayScheduler|junit-.*|Common-Cleaner");

    private final Set<Thread> threadsBefore = threads();
    private final Set<OpenSockets.Socket> socketsBefore = OpenSockets.ofThisProcess();
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    private final Thread.UncaughtExceptionHandler handlerBefore = Thread.getDefaultUncaughtExceptionHandler();

    private LeakDetector() {}

    static LeakDetector start() {
        LeakDetector detector = new LeakDetector();
        Thread.setDefaultUncaughtExceptionHandler(detector);
        return detector;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        uncaught.add(new AssertionError("uncaught in thread " + thread.getName(), failure));
    }

    /** Fails, naming what is left, if threads or sockets are more than at the start when the grace is over, or at any uncaught exception. */
    void awaitNoLeak(Duration grace) {
        try {
            Await.until("everything to be closed", grace, () -> leaks().isEmpty(), () -> leaks().toString());
        } catch (NatsServerException e) {
            throw fail(e.getMessage());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(handlerBefore);
        }
        if (!uncaught.isEmpty()) {
            throw fail("a thread ended by an exception");
        }
    }

    private AssertionError fail(String message) {
        AssertionError error = new AssertionError(message);
        uncaught.forEach(error::addSuppressed);
        return error;
    }

    private List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        Set<Thread> threads = threads();
        threads.removeAll(threadsBefore);
        threads.forEach(thread -> leaks.add("thread " + thread.getName()));
        Set<OpenSockets.Socket> sockets = new HashSet<>(OpenSockets.ofThisProcess());
        sockets.removeAll(socketsBefore);
        sockets.forEach(socket -> leaks.add("socket " + socket));
        return leaks;
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> NOT_OURS.matcher(thread.getName()).matches());
        return threads;
    }
}
