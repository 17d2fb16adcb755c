package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A server on loopback that does what a test tells it, right or wrong: on each accepted connection it runs the next script, and the
 * last one on every further connection.
 *
 * <p>Threading: thread-safe. One thread accepts; see {@link ScriptedConnection} for the others.
 */
public final class ScriptedServer implements AutoCloseable {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private final List<List<Step>> scripts;
    private final int port = LoopbackPorts.reserve();
    private final ServerSocket listener;
    private final Thread acceptThread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition accepted = lock.newCondition();
    // Guarded by lock.
    private final List<ScriptedConnection> connections = new ArrayList<>();

    private ScriptedServer(List<List<Step>> scripts) throws IOException {
        if (scripts.isEmpty()) {
            throw new IllegalArgumentException("a scripted server needs at least one script");
        }
        this.scripts = List.copyOf(scripts);
        this.listener = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
        this.acceptThread = new Thread(this::acceptAll, "scripted-" + port + "-accept");
        acceptThread.setDaemon(true);
    }

    /** Runs the same steps on every connection. */
    public static ScriptedServer start(Step... script) {
        return start(List.of(List.of(script)));
    }

    /** Runs the n-th script on the n-th connection. */
    public static ScriptedServer start(List<List<Step>> scripts) {
        try {
            ScriptedServer server = new ScriptedServer(scripts);
            server.acceptThread.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** How many connections were accepted so far. */
    public int connectionCount() {
        lock.lock();
        try {
            return connections.size();
        } finally {
            lock.unlock();
        }
    }

    /** The n-th connection, from 0, accepted already or within the time. */
    public ScriptedConnection awaitConnection(int index, Duration timeout) {
        lock.lock();
        try {
            long leftNs = timeout.toNanos();
            while (connections.size() <= index) {
                if (leftNs <= 0) {
                    throw new NatsServerException("waited " + timeout.toMillis() + " ms in vain for connection " + index
                            + " to " + url() + "; accepted so far: " + connections.size());
                }
                leftNs = accepted.awaitNanos(leftNs);
            }
            return connections.get(index);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for connection " + index, e);
        } finally {
            lock.unlock();
        }
    }

    /** The n-th connection, from 0, which must have been accepted already. */
    public ScriptedConnection connection(int index) {
        return awaitConnection(index, Duration.ZERO);
    }

    /** Stops listening, as a server in lame duck mode does; connections go on. */
    public void stopListening() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends every connection and thread; what became of the scripts is told by {@link ScriptedConnection#awaitScript}. */
    @Override
    public void close() {
        stopListening();
        try {
            acceptThread.join(JOIN_TIMEOUT.toMillis());
            for (int i = 0; i < connectionCount(); i++) {
                connection(i).end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while closing " + url(), e);
        } finally {
            LoopbackPorts.release(port);
        }
    }

    private void acceptAll() {
        try {
            while (true) {
                onAccepted(listener.accept());
            }
        } catch (IOException e) {
            // Listening has been stopped.
        }
    }

    private void onAccepted(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        lock.lock();
        try {
            int index = connections.size();
            ScriptedConnection connection =
                    new ScriptedConnection(socket, index, scripts.get(Math.min(index, scripts.size() - 1)));
            connections.add(connection);
            connection.start();
            accepted.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
