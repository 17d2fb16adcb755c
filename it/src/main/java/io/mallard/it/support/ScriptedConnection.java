package io.mallard.it.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to a {@link ScriptedServer}: the script runs on it while everything received is recorded.
 *
 * <p>Threading: thread-safe. A reader thread records, a script thread runs the steps, anybody may send and wait.
 */
public final class ScriptedConnection {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);
    /** Ended by the end of the connection, at the latest when the server is closed. */
    private static final Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);

    private final Socket socket;
    private final int index;
    private final Thread readerThread;
    private final Thread scriptThread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final ByteArrayOutputStream partialLine = new ByteArrayOutputStream();
    private final List<String> lines = new ArrayList<>();
    private int expectedLines;
    private boolean ended;
    private boolean scriptEnded;
    private @Nullable Throwable scriptFailure;

    ScriptedConnection(Socket socket, int index, List<Step> script) {
        this.socket = socket;
        this.index = index;
        String name = "scripted-" + socket.getLocalPort() + "-" + index;
        this.readerThread = new Thread(this::record, name + "-reader");
        this.scriptThread = new Thread(() -> run(script), name + "-script");
        readerThread.setDaemon(true);
        scriptThread.setDaemon(true);
    }

    void start() {
        readerThread.start();
        scriptThread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Sends bytes as they are, also after the script has ended. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    public void close() throws IOException {
        socket.close();
    }

    /** Closes with an RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Every byte so far. */
    public byte[] received() {
        lock.lock();
        try {
            return received.toByteArray();
        } finally {
            lock.unlock();
        }
    }

    /** Every whole line so far without its end; the payload of a PUB counts as a line. */
    public List<String> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    /** The first line, received already or within the time, in which the regular expression is found. */
    public String awaitLine(String regex, Duration timeout) {
        Predicate<String> fits = Pattern.compile(regex).asPredicate();
        lock.lock();
        try {
            return lines.get(awaitLine("a line with " + regex, 0, fits, timeout));
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the client has closed its side. */
    public void awaitClientClose(Duration timeout) {
        lock.lock();
        try {
            awaitChange("the client to close", timeout, () -> ended);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next line that begins so; the lines up to it count as expected and are not looked at again. */
    void expect(String prefix, Duration timeout) {
        lock.lock();
        try {
            expectedLines = 1
                    + awaitLine(
                            "a line beginning with " + prefix, expectedLines, line -> line.startsWith(prefix), timeout);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next line that begins so; false when the connection ends before it comes. */
    boolean expectUnlessClosed(String prefix) {
        Predicate<String> fits = line -> line.startsWith(prefix);
        lock.lock();
        try {
            awaitChange("a line or the end", UNLIMITED, () -> ended || indexOf(expectedLines, fits) >= 0);
            int index = indexOf(expectedLines, fits);
            expectedLines = index + 1;
            return index >= 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every step is done; throws if one of them met something it did not expect. */
    public void awaitScript(Duration timeout) {
        lock.lock();
        try {
            awaitChange("the script to end", timeout, () -> scriptEnded);
            if (scriptFailure != null) {
                throw failure("the script failed");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes and waits for the threads. */
    void end() throws IOException, InterruptedException {
        scriptThread.interrupt();
        socket.close();
        scriptThread.join(JOIN_TIMEOUT.toMillis());
        readerThread.join(JOIN_TIMEOUT.toMillis());
    }

    private void run(List<Step> script) {
        @Nullable Throwable failure = null;
        try {
            for (Step step : script) {
                step.run(this);
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        lock.lock();
        try {
            scriptEnded = true;
            scriptFailure = failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void record() {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int count = socket.getInputStream().read(buffer);
                    count >= 0;
                    count = socket.getInputStream().read(buffer)) {
                onBytes(buffer, count);
            }
        } catch (IOException e) {
            // A reset by the client, or our own close: either way nothing more comes.
        } finally {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void onBytes(byte[] buffer, int count) {
        lock.lock();
        try {
            received.write(buffer, 0, count);
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    lines.add(partialLine.toString(StandardCharsets.UTF_8).stripTrailing());
                    partialLine.reset();
                } else {
                    partialLine.write(buffer[i]);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int awaitLine(String what, int from, Predicate<String> fits, Duration timeout) {
        awaitChange(what, timeout, () -> ended || indexOf(from, fits) >= 0);
        int index = indexOf(from, fits);
        if (index < 0) {
            throw failure("the connection ended before " + what);
        }
        return index;
    }

    private int indexOf(int from, Predicate<String> fits) {
        return IntStream.range(from, lines.size())
                .filter(i -> fits.test(lines.get(i)))
                .findFirst()
                .orElse(-1);
    }

    private void awaitChange(String what, Duration timeout, BooleanSupplier condition) {
        assert lock.isHeldByCurrentThread();
        long leftNs = timeout.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                if (leftNs <= 0) {
                    throw failure("waited " + timeout.toMillis() + " ms in vain for " + what);
                }
                leftNs = changed.awaitNanos(leftNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("interrupted while waiting for " + what);
        }
    }

    private NatsServerException failure(String what) {
        return new NatsServerException(
                "connection " + index + ": " + what + "; received so far: " + lines, scriptFailure);
    }
}
