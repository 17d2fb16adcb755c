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
 * <p>Threading: used by one thread; until it is closed it is the default handler of what no thread caught.
 */
public final class LeakDetector implements Thread.UncaughtExceptionHandler, AutoCloseable {
    /** Threads that the JDK or JUnit start when they first need them and keep, and those that end an interrupted program. */
    private static final Pattern NOT_OURS = Pattern.compile(
            "process reaper.*|ForkJoinPool\\.commonPool-worker-\\d+|CompletableFutureDelayScheduler|junit-.*|Common-Cleaner"
                    + "|JFR .*|SIG\\w+ handler|close-nats-servers|VirtualThread-un\\w+|ForkJoinPool\\S+-delayScheduler");
    /** What virtual threads run on, from JDK 21 on: the JDK keeps these. */
    private static final String CARRIER = "jdk.internal.misc.CarrierThread";

    private final Set<Thread> threadsBefore = threads();
    private final Set<OpenSockets.Socket> socketsBefore = OpenSockets.ofThisProcess();
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    private final Thread.UncaughtExceptionHandler handlerBefore = Thread.getDefaultUncaughtExceptionHandler();

    private LeakDetector() {}

    public static LeakDetector start() {
        LeakDetector detector = new LeakDetector();
        Thread.setDefaultUncaughtExceptionHandler(detector);
        return detector;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        uncaught.add(new IllegalStateException("uncaught in thread " + thread.getName() + ": " + failure, failure));
    }

    /** Waits until no thread and no socket is more than at the start, or the grace is over: then it names those that are left. */
    public List<String> left(Duration grace) {
        try {
            Await.until("everything to be closed", grace, () -> leaks().isEmpty());
            return List.of();
        } catch (NatsServerException e) {
            return leaks();
        }
    }

    /** What ended a thread, with its name. */
    public List<Throwable> uncaught() {
        return List.copyOf(uncaught);
    }

    @Override
    public void close() {
        Thread.setDefaultUncaughtExceptionHandler(handlerBefore);
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
        threads.removeIf(thread -> NOT_OURS.matcher(thread.getName()).matches()
                || thread.getClass().getName().equals(CARRIER));
        return threads;
    }
}
