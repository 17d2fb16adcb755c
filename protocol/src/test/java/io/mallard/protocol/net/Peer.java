package io.mallard.protocol.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A blocking server that plays a script with each connection it accepts.
 *
 * <p>Threading: scripts run on threads of the peer, which {@link #end} ends.
 */
final class Peer {
    /** The server's side of one connection; the socket is closed afterwards. */
    interface Script<T> {
        T play(Socket socket) throws Exception;
    }

    private static final int SOCKET_TIMEOUT_MS = 20_000;

    private final ServerSocket server;
    /** What the scripts see of an accepted connection. */
    private final UnaryOperator<Socket> farEnd;

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Peer(ServerSocket server, UnaryOperator<Socket> farEnd) {
        this.server = server;
        this.farEnd = farEnd;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    /** Plays the script with the next connection; the client's side of it tells all that the test wants to know. */
    void serve(Script<?> script) {
        var unused = next(script);
    }

    /** Plays the script with the next connection. */
    <T> CompletableFuture<T> next(Script<T> script) {
        return run(() -> {
            try (Socket socket = farEnd.apply(server.accept())) {
                sockets.add(socket);
                socket.setSoTimeout(SOCKET_TIMEOUT_MS);
                return script.play(socket);
            }
        });
    }

    /** Runs a task on a thread of the peer. */
    <T> CompletableFuture<T> run(Callable<T> task) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                outcome.complete(task.call());
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }

    /** Sends everything back until the client closes; the number of bytes. */
    static Integer echo(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        byte[] buffer = new byte[8192];
        int total = 0;
        int count;
        while ((count = in.read(buffer)) >= 0) {
            out.write(buffer, 0, count);
            out.flush();
            total += count;
        }
        return total;
    }

    void end() throws IOException, InterruptedException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        threads.shutdownNow();
        if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new AssertionError("a script of the peer has not ended within 10 s of its sockets being closed");
        }
    }
}
