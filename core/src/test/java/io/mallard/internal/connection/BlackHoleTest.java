package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ConnectionOptions;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.TcpTransport;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ConnectInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host with two addresses on real sockets: at the first nobody accepts, and the kernel drops what comes. */
class BlackHoleTest {
    private static final int MAX_BACKLOG = 64;
    private static final int TIMEOUT_MS = 200;

    private final InetAddress hole = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    private final InetAddress good = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    private final ServerSocket server = new ServerSocket(0, 50, good);
    private final ServerSocket neverAccepting = new ServerSocket(server.getLocalPort(), 1, hole);
    private final List<Socket> backlog = new ArrayList<>();

    private final EventLoop loop = new EventLoop("black-hole-test", failure -> {});
    private final CompletableFuture<ServerConnection> connected = new CompletableFuture<>();
    /** Owned by the loop. */
    private Dialer.Attempt attempt;

    BlackHoleTest() throws IOException {
        loop.start(new EventLoop.Agent() {
            @Override
            public long onTick(long nowNs) {
                return attempt == null ? Long.MAX_VALUE : attempt.onTick(nowNs);
            }

            @Override
            public void onEnd() {}
        });
    }

    @AfterEach
    void close() throws Exception {
        loop.close();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        for (Socket socket : backlog) {
            socket.close();
        }
        neverAccepting.close();
        server.close();
    }

    /** Returns when nobody gets through any more. */
    private void fillBacklog() throws IOException {
        while (backlog.size() < MAX_BACKLOG) {
            Socket socket = new Socket();
            backlog.add(socket);
            try {
                socket.connect(new InetSocketAddress(hole, server.getLocalPort()), TIMEOUT_MS);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("a backlog that takes more than " + MAX_BACKLOG);
    }

    /** Shakes hands with one client. */
    private CompletableFuture<Void> serveOne() {
        return CompletableFuture.runAsync(() -> {
            try (Socket client = server.accept()) {
                client.getOutputStream().write("INFO {\"server_id\":\"good\"}\r\n".getBytes(US_ASCII));
                BufferedReader lines = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals("PING")) {
                        client.getOutputStream().write("PONG\r\n".getBytes(US_ASCII));
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void theSecondAddressIsReachedLongBeforeTheTimeOfTheFirstIsUp() throws Exception {
        fillBacklog();
        CompletableFuture<Void> served = serveOne();
        SocketDialer dialer = new SocketDialer(
                loop,
                Runnable::run,
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                TlsUpgrade.NONE,
                null,
                new SocketDialer.Network() {
                    @Override
                    public InetAddress[] lookUp(String host) {
                        return new InetAddress[] {hole, good};
                    }

                    @Override
                    public Transport connect(InetSocketAddress address, Transport.Events events) throws IOException {
                        return TcpTransport.connect(loop, address, events);
                    }
                });
        ServerAddress host = new ServerAddress("two-addresses", server.getLocalPort());
        long startNs = System.nanoTime();
        loop.execute(() -> attempt = dialer.dial(host, startNs + TimeUnit.SECONDS.toNanos(60), new Dialer.Caller() {
            @Override
            public void onReady(ServerConnection connection) {
                connected.complete(connection);
            }

            @Override
            public void onFailed(Throwable cause, boolean reached) {
                connected.completeExceptionally(cause);
            }
        }));

        ServerConnection connection = connected.get(10, TimeUnit.SECONDS);

        assertThat(connection.serverId()).isEqualTo("good");
        assertThat(System.nanoTime() - startNs).isBetween(SocketDialer.NEXT_AFTER_NS, TimeUnit.SECONDS.toNanos(5));
        loop.execute(connection::close);
        served.get(10, TimeUnit.SECONDS);
    }
}
