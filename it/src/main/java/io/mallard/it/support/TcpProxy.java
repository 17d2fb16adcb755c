package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * A way to a loopback port that can be slow and can break: each connection to its own port becomes one to the target, and every byte
 * arrives later by a delay, in order and without a limit to the throughput.
 *
 * <p>As long as the target does not listen, or the way is shut, a connection is accepted and closed at once, where the target itself would refuse it. An end
 * or a reset of one side reaches the other one after the delay.
 *
 * <p>Threading: thread-safe. One thread accepts; see {@link DelayLine} for the four of each connection.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private final int targetPort;
    private volatile long delayNs;
    private final int port = LoopbackPorts.reserve();
    private final ServerSocket listener;
    private final Thread acceptThread;
    private final LongAdder forwardedBytes = new LongAdder();
    private volatile boolean shut;
    // Owned by the accept thread.
    private int acceptedConnections;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock. Those that have not ended.
    private final List<ProxiedConnection> connections = new ArrayList<>();

    private TcpProxy(int targetPort, Duration delay) throws IOException {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay=" + delay + ", must be >= 0");
        }
        this.targetPort = targetPort;
        this.delayNs = delay.toNanos();
        this.listener = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
        this.acceptThread = new Thread(this::acceptAll, "proxy-" + port + "-accept");
        acceptThread.setDaemon(true);
    }

    /** A way without delay. */
    public static TcpProxy start(int targetPort) {
        return start(targetPort, Duration.ZERO);
    }

    /** A way on which everything takes longer by the delay, in each direction. */
    public static TcpProxy start(int targetPort, Duration delay) {
        try {
            TcpProxy proxy = new TcpProxy(targetPort, delay);
            proxy.acceptThread.start();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Where clients connect to go through the proxy. */
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** How many connections are open now. */
    public int connectionCount() {
        return openConnections().size();
    }

    /** How many bytes have been passed on so far in both directions, each of them late by the delay. */
    public long forwardedBytes() {
        return forwardedBytes.sum();
    }

    /** Ends every open connection with an RST to both sides and returns how many those were. New ones are accepted as before. */
    public int reset() {
        return (int) openConnections().stream().filter(ProxiedConnection::reset).count();
    }

    /** From now on nobody gets through any more; connections that are open stay so. */
    public void shut() {
        shut = true;
    }

    /** From now on connections get through again. */
    public void open() {
        shut = false;
    }

    /** From now on everything takes longer by this delay, on connections that are open too; order is kept. */
    public void delayBy(Duration newDelay) {
        delayNs = newDelay.toNanos();
    }

    /** Ends every connection and thread, and stops listening. */
    @Override
    public void close() {
        try {
            listener.close();
            acceptThread.join(JOIN_TIMEOUT.toMillis());
            List<ProxiedConnection> open = openConnections();
            open.forEach(ProxiedConnection::close);
            for (ProxiedConnection connection : open) {
                connection.join();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while closing the proxy on " + port, e);
        } finally {
            LoopbackPorts.release(port);
        }
    }

    /** The ports from which the target has been dialled for the connections that are open now. */
    Set<Integer> dialledFromPorts() {
        return openConnections().stream()
                .map(ProxiedConnection::dialledFromPort)
                .collect(Collectors.toUnmodifiableSet());
    }

    private void acceptAll() {
        try {
            while (true) {
                onAccepted(listener.accept());
            }
        } catch (IOException e) {
            // The proxy has been closed.
        }
    }

    private void onAccepted(Socket accepted) throws IOException {
        if (shut) {
            accepted.close();
            return;
        }
        Socket dialled = new Socket();
        try {
            dialled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), CONNECT_TIMEOUT_MS);
            accepted.setTcpNoDelay(true);
            dialled.setTcpNoDelay(true);
        } catch (IOException e) {
            // The target does not listen, or the peer is gone again.
            accepted.close();
            dialled.close();
            return;
        }
        ProxiedConnection connection = new ProxiedConnection(
                "proxy-" + port + "-" + acceptedConnections++,
                accepted,
                dialled,
                () -> delayNs,
                forwardedBytes,
                this::onEnded);
        lock.lock();
        try {
            connections.add(connection);
        } finally {
            lock.unlock();
        }
        connection.start();
    }

    private void onEnded(ProxiedConnection connection) {
        lock.lock();
        try {
            connections.remove(connection);
        } finally {
            lock.unlock();
        }
    }

    private List<ProxiedConnection> openConnections() {
        lock.lock();
        try {
            return List.copyOf(connections);
        } finally {
            lock.unlock();
        }
    }
}
