package io.mallard.it.judge;

import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One raw socket of the judge with one subscription, which it can prove to be known everywhere, and can leave without losing what is
 * under way.
 *
 * <p>Threading: controlled by one thread; the handler runs on the socket's reader thread.
 */
public final class JudgeSocket implements RawListener {
    private static final long SID = 1;
    private static final long PROBE_SID = 2;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(10);
    private static final long PROBE_INTERVAL_MS = 20;
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Takes a message; what it writes to the connection is flushed by it. */
    @FunctionalInterface
    public interface Handler {
        void onMessage(RawNats connection, RawMessage message);
    }

    private final String name;
    private final Handler handler;
    private final Consumer<String> trouble;
    private final String probeSubject = "demo.probe." + COUNT.incrementAndGet();
    private final BlockingQueue<String> probes = new LinkedBlockingQueue<>();

    // Set before anything is subscribed, and so before the first message.
    private final RawNats connection;

    // Once true, always true. Written by the controlling thread.
    private volatile boolean left;

    /** @param trouble hears of whatever makes this socket an unreliable witness */
    public JudgeSocket(String name, String url, Handler handler, Consumer<String> trouble) {
        this.name = name + " at " + url;
        this.handler = handler;
        this.trouble = trouble;
        this.connection = RawNats.connect(url, this);
    }

    public void subscribe(String subject, @Nullable String queue) {
        if (queue == null) {
            connection.subscribe(subject, SID);
        } else {
            connection.subscribe(subject, queue, SID);
        }
        connection.subscribe(probeSubject, PROBE_SID);
        connection.ping();
    }

    /**
     * Waits until each of these servers sends what is published on it to this socket. The probe's subject is subscribed last and
     * interest travels in order, so a probe that arrives proves the subscription before it.
     */
    public void awaitInterest(List<String> urls) throws InterruptedException {
        for (String url : urls) {
            try (RawNats prober = RawNats.connect(url, message -> {})) {
                awaitProbe(prober, url);
            }
        }
    }

    /** Ends the subscription, takes everything the server had sent before, lets the answers to it reach the server, and closes. */
    public void leave() {
        connection.unsubscribe(SID);
        connection.ping();
        connection.ping();
        left = true;
        connection.close();
        connection.errors().forEach(error -> trouble.accept(name + ": -ERR " + error));
    }

    /** Closes without ado. */
    public void abandon() {
        left = true;
        connection.close();
    }

    @Override
    public void onMessage(RawMessage message) {
        if (message.sid() == PROBE_SID) {
            probes.add(new String(message.payload(), StandardCharsets.US_ASCII));
            return;
        }
        try {
            handler.onMessage(connection, message);
        } catch (RuntimeException e) {
            trouble.accept(name + ": " + e);
        }
    }

    @Override
    public void onClosed(String reason) {
        if (!left) {
            trouble.accept(name + ": closed, " + reason);
        }
    }

    private void awaitProbe(RawNats prober, String url) throws InterruptedException {
        byte[] payload = url.getBytes(StandardCharsets.US_ASCII);
        long deadlineNs = System.nanoTime() + PROBE_TIMEOUT.toNanos();
        do {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new InconclusiveException(
                        name + " hears nothing from " + url + " after " + PROBE_TIMEOUT.toSeconds() + " s");
            }
            prober.publish(probeSubject, payload);
            prober.flush();
        } while (!url.equals(probes.poll(PROBE_INTERVAL_MS, TimeUnit.MILLISECONDS)));
    }
}
