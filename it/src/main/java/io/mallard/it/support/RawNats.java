package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A NATS client on a bare blocking socket: the independent judge. It shares no line of code with the client it judges, never
 * reconnects, and hides nothing.
 *
 * <p>Threading: thread-safe. One reader thread calls the listener. What is written waits in a buffer, under a lock, for {@link #flush}.
 * {@link #ping} must not be called from the listener: it waits for the reader.
 */
public final class RawNats implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final JsonMapper JSON = new JsonMapper();

    private final Socket socket;
    private final RawReader reader;
    private final RawListener listener;
    private final Thread readerThread;
    private final List<JsonNode> infos = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final Semaphore pongs = new Semaphore(0);
    private final CountDownLatch lameDuck = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private final ReentrantLock writeLock = new ReentrantLock();
    // Guarded by writeLock.
    private final OutputStream out;

    /** Adds to CONNECT who this is. */
    private interface Login {
        void addTo(ObjectNode connect, String nonce);
    }

    private RawNats(Socket socket, RawListener listener, Login login) throws IOException {
        this.socket = socket;
        this.listener = listener;
        this.reader = new RawReader(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        this.readerThread = new Thread(this::readAll, "raw-nats-" + socket.getPort());
        handshake(login);
    }

    /** A connection of nobody in particular; over a WebSocket if the URL begins with {@code ws://}. */
    public static RawNats connect(String url, RawListener listener) {
        return open(url, (connect, nonce) -> {}, listener);
    }

    public static RawNats connect(String url, String user, String password, RawListener listener) {
        return open(url, (connect, nonce) -> connect.put("user", user).put("pass", password), listener);
    }

    /** A connection of whom an operator vouches for. */
    public static RawNats connect(String url, Operator.User user, RawListener listener) {
        return open(
                url,
                (connect, nonce) -> connect.put("jwt", user.jwt())
                        .put(
                                "sig",
                                Base64.getUrlEncoder()
                                        .withoutPadding()
                                        .encodeToString(user.key().sign(nonce.getBytes(StandardCharsets.US_ASCII)))),
                listener);
    }

    private static RawNats open(String url, Login login, RawListener listener) {
        URI uri = URI.create(url);
        Socket socket = uri.getScheme().equals("ws") ? new RawWebSocket() : new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), (int) TIMEOUT.toMillis());
            RawNats connection = new RawNats(socket, listener, login);
            connection.readerThread.setDaemon(true);
            connection.readerThread.start();
            return connection;
        } catch (IOException e) {
            try {
                socket.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw new NatsServerException("no connection to " + url + ": " + e.getMessage(), e);
        }
    }

    /** The newest INFO. */
    public JsonNode info() {
        return infos.get(infos.size() - 1);
    }

    /** Every INFO in order. */
    public List<JsonNode> infos() {
        return List.copyOf(infos);
    }

    /** The texts of every {@code -ERR} in order. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    public void subscribe(String subject, long sid) {
        write("SUB " + subject + " " + sid);
    }

    public void subscribe(String subject, String queue, long sid) {
        write("SUB " + subject + " " + queue + " " + sid);
    }

    public void unsubscribe(long sid) {
        write("UNSUB " + sid);
    }

    public void publish(String subject, byte[] payload) {
        write("PUB " + subject + " " + payload.length, payload);
    }

    public void publish(String subject, String reply, byte[] payload) {
        write("PUB " + subject + " " + reply + " " + payload.length, payload);
    }

    /** Publishes a block of headers as it is. */
    public void publish(String subject, @Nullable String reply, byte[] headers, byte[] payload) {
        byte[] body = Arrays.copyOf(headers, headers.length + payload.length);
        System.arraycopy(payload, 0, body, headers.length, payload.length);
        String to = reply == null ? subject : subject + " " + reply;
        write("HPUB " + to + " " + headers.length + " " + body.length, body);
    }

    public void flush() {
        writeLock.lock();
        try {
            out.flush();
        } catch (IOException e) {
            throw gone(e);
        } finally {
            writeLock.unlock();
        }
    }

    /** Flushes, and returns when the server has processed everything written before. One caller at a time. */
    public void ping() {
        pongs.drainPermits();
        write("PING");
        flush();
        await("PONG", TIMEOUT, timeoutMs -> pongs.tryAcquire(timeoutMs, TimeUnit.MILLISECONDS));
    }

    /** Waits for an INFO that says lame duck. */
    public void awaitLameDuck(Duration timeout) {
        await("INFO with ldm", timeout, timeoutMs -> lameDuck.await(timeoutMs, TimeUnit.MILLISECONDS));
    }

    /** Waits until the server has closed the connection. */
    public void awaitClosed(Duration timeout) {
        await("the end of the connection", timeout, timeoutMs -> closed.await(timeoutMs, TimeUnit.MILLISECONDS));
    }

    public boolean isLameDuck() {
        return lameDuck.getCount() == 0;
    }

    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Closes at once; what was not flushed is dropped. The listener hears nothing afterwards. */
    @Override
    public void close() {
        try {
            socket.close();
            if (Thread.currentThread() != readerThread) {
                readerThread.join(TIMEOUT.toMillis());
            }
        } catch (IOException e) {
            throw gone(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handshake(Login login) throws IOException {
        socket.setSoTimeout((int) TIMEOUT.toMillis());
        onLine(reader.readLine());
        if (infos.isEmpty()) {
            throw new IOException("no INFO, errors: " + errors);
        }
        ObjectNode connect = JSON.createObjectNode()
                .put("name", "raw-nats")
                .put("lang", "raw")
                .put("version", "1")
                .put("protocol", 1)
                .put("verbose", false)
                .put("pedantic", false)
                .put("headers", true)
                .put("no_responders", true);
        login.addTo(connect, info().path("nonce").asText());
        write("CONNECT " + connect);
        write("PING");
        flush();
        while (!pongs.tryAcquire()) {
            onLine(reader.readLine());
            if (!errors.isEmpty()) {
                throw new IOException("refused: " + errors);
            }
        }
        socket.setSoTimeout(0);
    }

    private void readAll() {
        String reason = "the listener failed";
        try (socket) {
            while (true) {
                onLine(reader.readLine());
            }
        } catch (IOException | NatsServerException e) {
            reason = e.toString();
        } finally {
            closed.countDown();
            listener.onClosed(reason);
        }
    }

    private void onLine(String line) throws IOException {
        RawMessage message = reader.readMessage(line);
        if (message != null) {
            listener.onMessage(message);
        } else if (line.startsWith("INFO ")) {
            onInfo(JSON.readTree(line.substring("INFO ".length())));
        } else if (line.equals("PING")) {
            write("PONG");
            flush();
        } else if (line.equals("PONG")) {
            pongs.release();
        } else if (line.startsWith("-ERR")) {
            errors.add(line.substring("-ERR".length()).strip());
        } else if (!line.equals("+OK")) {
            throw new IOException("not a line of the protocol: " + line);
        }
    }

    private void onInfo(JsonNode info) {
        infos.add(info);
        if (info.path("ldm").asBoolean()) {
            lameDuck.countDown();
        }
        if (infos.size() > 1) {
            listener.onInfo(info);
        }
    }

    private void write(String line) {
        write(line, null);
    }

    private void write(String line, byte @Nullable [] payload) {
        writeLock.lock();
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.write(LINE_END);
            if (payload != null) {
                out.write(payload);
                out.write(LINE_END);
            }
        } catch (IOException e) {
            throw gone(e);
        } finally {
            writeLock.unlock();
        }
    }

    /** Something that comes to pass within a time or not. */
    @FunctionalInterface
    private interface Wait {
        boolean comesWithin(long timeoutMs) throws InterruptedException;
    }

    private void await(String what, Duration timeout, Wait wait) {
        try {
            if (!wait.comesWithin(timeout.toMillis())) {
                throw new NatsServerException("waited " + timeout.toMillis() + " ms in vain for " + what + " on "
                        + socket + (isClosed() ? ", which is closed" : "") + ", errors: " + errors);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for " + what, e);
        }
    }

    private NatsServerException gone(IOException e) {
        return new NatsServerException(
                "the connection " + socket + " is gone: " + e.getMessage() + ", errors: " + errors, e);
    }
}
