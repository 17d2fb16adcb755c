package io.mallard.it.support;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on loopback that connects to whatever it is asked for, and can be told not to. It keeps its port while it is down.
 *
 * <p>Names that end in {@code .invalid}, which nobody else knows, are loopback to it.
 *
 * <p>Threading: thread-safe; {@link #start}, {@link #stop} and {@link #close} by one thread. One thread accepts, and two carry each
 * tunnel.
 */
public abstract class TunnelProxy implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int SERVES = 0;
    private static final int SILENT = -1;
    private static final int DIES = -2;

    /** Who may have a tunnel. */
    record User(String name, String password) {}

    /** Where somebody wants to go. */
    record Target(String host, int port) {
        InetSocketAddress address() throws IOException {
            return new InetSocketAddress(
                    host.endsWith(".invalid") ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host), port);
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    private final int port = LoopbackPorts.reserve();
    private final @Nullable User user;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<Integer> tunnelPorts = ConcurrentHashMap.newKeySet();
    private final AtomicInteger tunnels = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    /** What a request comes to: a code to refuse it with, or one of the constants. */
    private volatile int manner = SERVES;

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ServerSocket listener;

    TunnelProxy(@Nullable User user) {
        this.user = user;
        start();
    }

    /** What the scheme of its URL is. */
    abstract String scheme();

    /** Hears what is wanted; null if that is said by somebody who may not have it, and was told so. */
    abstract @Nullable Target hear(DataInputStream in, OutputStream out) throws IOException;

    /** Says that there is a tunnel now. */
    abstract void grant(OutputStream out) throws IOException;

    /** Says that there will be none. */
    abstract void refuse(OutputStream out, int code) throws IOException;

    /** What it says of a target that cannot be reached. */
    abstract int unreachable();

    @Nullable
    User user() {
        return user;
    }

    public int port() {
        return port;
    }

    /** Without credentials. */
    public String url() {
        return scheme() + "://127.0.0.1:" + port;
    }

    public String url(String name, String password) {
        return scheme() + "://" + name + ":" + password + "@127.0.0.1:" + port;
    }

    /** Where tunnels were asked to go, by those who may ask, in that order. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /** How many tunnels there have been. */
    public int tunnelCount() {
        return tunnels.get();
    }

    /** From which ports it has connected to its targets: what a server says of whom it serves tells who came through here. */
    public Set<Integer> tunnelPorts() {
        return Set.copyOf(tunnelPorts);
    }

    /** How many connections there have been, whatever became of them. */
    public int connectionCount() {
        return connections.get();
    }

    /** From now on requests are refused, with a status of HTTP or a reply of SOCKS. */
    public void refuse(int code) {
        manner = code;
    }

    /** From now on nothing is said to anybody who is not in a tunnel. */
    public void beSilent() {
        manner = SILENT;
    }

    /** From now on connections are closed when something is asked. */
    public void dieWhenAsked() {
        manner = DIES;
    }

    /** Serves again. */
    public void serve() {
        manner = SERVES;
    }

    /** Closes everything that is open in the middle of whatever is under way; how many connections to the proxy these were. */
    public int cut() {
        int cut = 0;
        for (Socket socket : sockets) {
            cut += socket.getLocalPort() == port ? 1 : 0;
            closeQuietly(socket);
        }
        return cut;
    }

    /** Listens again. */
    public final void start() {
        try {
            ServerSocket opened = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
            listener = opened;
            run("accept", () -> acceptAll(opened));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Is gone, and so are its tunnels. */
    public void stop() {
        ServerSocket open = listener;
        try {
            if (open != null) {
                open.close();
            }
            long untilNs = System.nanoTime() + JOIN_TIMEOUT.toNanos();
            while (!threads.isEmpty() && System.nanoTime() - untilNs < 0) {
                cut(); // Again and again: a connection that was accepted at the last moment may just have become a
                // tunnel.
                for (Thread thread : threads) {
                    thread.join(10);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!threads.isEmpty()) {
            throw new IllegalStateException("threads of the proxy have not ended: " + threads);
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            LoopbackPorts.release(port);
        }
    }

    private void run(String name, Runnable task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } finally {
                        threads.remove(Thread.currentThread());
                    }
                },
                "tunnel-proxy-" + port + "-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void acceptAll(ServerSocket opened) {
        try (opened) {
            while (true) {
                Socket accepted = opened.accept();
                sockets.add(accepted);
                connections.incrementAndGet();
                run("there", () -> serve(accepted));
            }
        } catch (IOException e) {
            // Closed by stop.
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            OutputStream out = client.getOutputStream();
            if (manner == SILENT) {
                in.transferTo(OutputStream.nullOutputStream());
                return;
            }
            Target target = hear(in, out);
            if (target == null) {
                return;
            }
            asked.add(target.toString());
            int now = manner;
            if (now > SERVES) {
                refuse(out, now);
            } else if (now == SERVES) {
                carry(target, client, in, out);
            }
        } catch (IOException e) {
            // The client is gone, or is none of this protocol: nobody is left to tell.
        } finally {
            sockets.remove(client);
        }
    }

    private void carry(Target target, Socket client, InputStream in, OutputStream out) throws IOException {
        try (Socket server = new Socket()) {
            try {
                server.connect(target.address(), CONNECT_TIMEOUT_MS);
            } catch (IOException e) {
                refuse(out, unreachable());
                return;
            }
            server.setTcpNoDelay(true);
            sockets.add(server);
            tunnelPorts.add(server.getLocalPort());
            tunnels.incrementAndGet();
            grant(out);
            run("back", () -> pump(server, client));
            try {
                copy(in, server.getOutputStream()); // When one side ends the other does: nobody here ends one
                // direction alone.
            } finally {
                sockets.remove(server);
            }
        }
    }

    private static void pump(Socket server, Socket client) {
        try (server;
                client) {
            copy(server.getInputStream(), client.getOutputStream());
        } catch (IOException e) {
            // One of them is closed, and so is the other.
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        int count;
        while ((count = from.read(buffer)) >= 0) {
            to.write(buffer, 0, count);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }
}
