package io.mallard.it.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.mallard.it.support.NatsServerException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The side of a hostile server on one connection. It keeps next to nothing of its own, because its memory is that of the
 * client it attacks.
 *
 * <p>Threading: the script runs on one thread; another one reads what the client sends.
 */
final class Attacker {
    /** What a server does on a connection. */
    @FunctionalInterface
    interface Script {
        void run(Attacker attacker) throws IOException;
    }

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int LINE_BYTES = 4 << 10;
    private static final long STEP_SECONDS = 5;
    private static final String INFO_BEGIN =
            "{\"server_id\":\"HOSTILE\",\"version\":\"2.10.0\",\"proto\":1,\"headers\":true";

    private final Socket socket;
    private final AtomicLong sentBytes;
    private final BooleanSupplier over;
    private final CountDownLatch requested = new CountDownLatch(1);
    private final Semaphore pongs = new Semaphore(0);
    private volatile @Nullable String reply;
    private volatile boolean reads = true;
    private volatile boolean obliging;

    Attacker(Socket socket, AtomicLong sentBytes, BooleanSupplier over) {
        this.socket = socket;
        this.sentBytes = sentBytes;
        this.over = over;
    }

    /** Takes what the client sends until it ends the connection, or this one reads no more. */
    void read() {
        byte[] buffer = new byte[CHUNK_BYTES];
        StringBuilder line = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            while (reads) {
                int count = in.read(buffer);
                if (count < 0) {
                    return;
                }
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        onLine(line.toString().strip());
                        line.setLength(0);
                    } else if (line.length() < LINE_BYTES) {
                        line.append((char) buffer[i]);
                    }
                }
            }
        } catch (IOException e) {
            // The client has had enough.
        }
    }

    private void onLine(String line) throws IOException {
        if (line.equals("PING") && obliging && requested.getCount() > 0) {
            send("PONG\r\n");
        } else if (line.equals("PONG")) {
            pongs.release();
        } else if (line.startsWith("PUB asked ")) {
            reply = line.split(" ", -1)[2];
            requested.countDown();
        }
    }

    void stopReading() {
        reads = false;
    }

    /** Behaves, until the client has subscribed and asked for something. */
    void handshake(String moreOfInfo) throws IOException {
        obliging = true;
        info(moreOfInfo);
        await(requested, "the client's request");
    }

    /** @param more members, each with a comma before it */
    void info(String more) throws IOException {
        send("INFO " + INFO_BEGIN + more + "}\r\n");
    }

    /** Where the answer to the client's request is to go. */
    String reply() {
        return String.valueOf(reply);
    }

    private static void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(STEP_SECONDS, TimeUnit.SECONDS)) {
                throw new NatsServerException("waited " + STEP_SECONDS + " s in vain for " + what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for " + what, e);
        }
    }

    void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        sentBytes.addAndGet(bytes.length);
    }

    /** The same over and over until so many bytes are sent. */
    void repeat(String unit, long bytes) throws IOException {
        byte[] chunk = unit.repeat(Math.max(1, CHUNK_BYTES / unit.length())).getBytes(ISO_8859_1);
        for (long sent = 0; sent < bytes; sent += chunk.length) {
            send(chunk);
        }
    }

    /** The same over and over until the client ends the connection or the attack is over. */
    void flood(String unit) throws IOException {
        byte[] chunk = unit.repeat(Math.max(1, CHUNK_BYTES / unit.length())).getBytes(ISO_8859_1);
        while (!isOver()) {
            send(chunk);
        }
    }

    /** So many PINGs at once, and the PONGs to them are awaited, until the attack is over. */
    void floodWithPings(int atOnce) throws IOException {
        while (!isOver()) {
            send("PING\r\n".repeat(atOnce));
            try {
                if (!pongs.tryAcquire(atOnce, STEP_SECONDS, TimeUnit.SECONDS)) {
                    throw new NatsServerException("waited " + STEP_SECONDS + " s in vain for " + atOnce + " PONGs");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /** One byte now and then, for ever. */
    void trickle(String text) throws IOException {
        for (int i = 0; i < text.length() && !isOver(); i++) {
            send(text.substring(i, i + 1));
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(50); // The attack itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    boolean isOver() {
        return over.getAsBoolean();
    }

    void close() throws IOException {
        socket.close();
    }
}
