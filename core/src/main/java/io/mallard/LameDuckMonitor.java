package io.mallard;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells what a lame duck costs while it goes on: as long as the client leaves a server, a small message is published every now and then,
 * and how long that took is said. The document's sample of that name (CONTRACT S27) timed the handing over of the message alone; this
 * one times it until the server that carries the traffic has it.
 *
 * <pre>
 *   Hot-swap latency: 214μs               published, and the server has answered for it
 *   Buffering active - queued: 17         there is no connection: so many requests wait
 *   Monitoring failed: no PONG within …   neither of the two
 * </pre>
 *
 * <p>Threading: any thread. What there is to say is said on a daemon thread of its own, one line at a time.
 */
public final class LameDuckMonitor implements AutoCloseable {
    /** Where it publishes unless told otherwise. */
    public static final String DEFAULT_SUBJECT = "monitoring.test";

    /** How often unless told otherwise. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(100);

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final byte[] PAYLOAD = {'t', 'e', 's', 't'};

    private final NatsClient client;
    private final String subject;
    private final Consumer<String> lines;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "mallard-lame-duck-monitor");
        daemon.setDaemon(true);
        return daemon;
    });

    private LameDuckMonitor(NatsClient client, String subject, Consumer<String> lines) {
        this.client = client;
        this.subject = subject;
        this.lines = lines;
    }

    /**
     * Begins to look at a client ten times a second.
     *
     * @param client whose lame ducks are watched
     * @param lines gets every line, without an end of line
     * @return the monitor, which ends when it is closed
     */
    public static LameDuckMonitor start(NatsClient client, Consumer<String> lines) {
        return start(client, DEFAULT_SUBJECT, DEFAULT_INTERVAL, lines);
    }

    /**
     * Begins to look at a client.
     *
     * @param client whose lame ducks are watched
     * @param subject where to publish while one goes on; the client must be allowed to
     * @param interval from one look to the next
     * @param lines gets every line, without an end of line
     * @return the monitor, which ends when it is closed
     * @throws IllegalArgumentException if the interval is not positive
     */
    public static LameDuckMonitor start(NatsClient client, String subject, Duration interval, Consumer<String> lines) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval=" + interval + ", must be positive");
        }
        LameDuckMonitor monitor = new LameDuckMonitor(client, subject, lines);
        var unused = monitor.thread.scheduleWithFixedDelay(monitor::look, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
        return monitor;
    }

    private void look() {
        try {
            if (client.isInLameDuckMode()) {
                lines.accept(client.connectedUrl().isPresent() ? measure() : "Buffering active - queued: " + queued());
            }
        } catch (RuntimeException e) { // Of whoever gets the lines: the next one is due all the same.
            Thread current = Thread.currentThread();
            current.getUncaughtExceptionHandler().uncaughtException(current, e);
        }
    }

    private long queued() {
        return client.metrics().requestBuffer().depth();
    }

    private String measure() {
        long beganNs = System.nanoTime();
        try {
            client.publish(subject, PAYLOAD);
            client.rtt(TIMEOUT); // A PING behind it.
            return "Hot-swap latency: " + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNs) + "μs";
        } catch (NatsException e) {
            return client.connectedUrl().isPresent() || client.isClosed()
                    ? "Monitoring failed: " + e.getMessage()
                    : "Buffering active - queued: " + queued();
        }
    }

    /** Ends it, after the line it is at. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
