package io.mallard.it.hostile;

import io.mallard.it.support.NatsServerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A server on loopback that does the same harm on every connection.
 *
 * <p>Threading: one thread accepts; two more for each connection.
 */
final class HostileServer implements AutoCloseable {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private final Attacker.Script script;
    private final int port;
    private final ServerSocket listener;
    private volatile boolean over;
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<NatsServerException> failures = new CopyOnWriteArrayList<>();

    HostileServer(Attacker.Script script) {
        this.script = script;
        try {
            listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = listener.getLocalPort();
        start("accept", this::acceptAll);
    }

    String url() {
        return "nats://127.0.0.1:" + port;
    }

    int connections() {
        return connections.get();
    }

    long sentBytes() {
        return sentBytes.get();
    }

    /** What the scripts waited for in vain. */
    List<NatsServerException> failures() {
        return List.copyOf(failures);
    }

    private void start(String name, Runnable work) {
        Thread thread = new Thread(work, "hostile-" + port + "-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                Attacker attacker = new Attacker(socket, sentBytes, () -> over);
                start("read-" + number, attacker::read);
                start("attack-" + number, () -> attack(attacker));
            }
        } catch (IOException e) {
            // It is over.
        }
    }

    private void attack(Attacker attacker) {
        try {
            script.run(attacker);
        } catch (IOException e) {
            // The client has had enough.
        } catch (NatsServerException e) {
            failures.add(e);
        }
    }

    @Override
    public void close() {
        end();
    }

    /** Ends every connection. Idempotent. */
    void end() {
        over = true;
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join(JOIN_TIMEOUT.toMillis());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
