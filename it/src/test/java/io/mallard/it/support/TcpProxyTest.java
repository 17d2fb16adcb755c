package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NoLeaks
class TcpProxyTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration DELAY = Duration.ofMillis(50);

    private ServerSocket target;

    @BeforeEach
    void listen() throws IOException {
        target = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        target.setSoTimeout((int) LONG.toMillis());
    }

    @AfterEach
    void stopListening() throws IOException {
        target.close();
    }

    @Test
    void delaysBothDirections() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort(), DELAY);
                Socket client = connect(proxy);
                Socket server = accept()) {
            long sentNs = System.nanoTime();
            client.getOutputStream().write("there".getBytes(US_ASCII));
            assertThat(server.getInputStream().readNBytes(5)).asString().isEqualTo("there");
            long arrivedNs = System.nanoTime();
            server.getOutputStream().write("back".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("back");
            long returnedNs = System.nanoTime();

            assertThat(arrivedNs - sentNs).isGreaterThanOrEqualTo(DELAY.toNanos());
            assertThat(returnedNs - arrivedNs).isGreaterThanOrEqualTo(DELAY.toNanos());
            Await.until("both to be counted", LONG, () -> proxy.forwardedBytes() == 9);
        }
    }

    /** One chunk at a time would take 200 s. */
    @Test
    void keepsOrderAndThroughput() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        byte[] sent = new byte[32 << 20];
        new Random(7).nextBytes(sent);
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort(), DELAY);
                Socket client = connect(proxy);
                Socket server = accept()) {
            CompletableFuture<byte[]> received = new CompletableFuture<>();
            Thread reader = new Thread(() -> {
                try {
                    received.complete(server.getInputStream().readAllBytes());
                } catch (IOException e) {
                    received.completeExceptionally(e);
                }
            });
            reader.start();
            client.getOutputStream().write(sent);
            client.shutdownOutput();

            assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(sent);
        }
    }

    @Test
    void letsNobodyNewThroughWhileItIsShut() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket early = connect(proxy);
                Socket server = accept()) {
            proxy.shut();

            try (Socket late = connect(proxy)) {
                assertThat(late.getInputStream().read()).isNegative();
            }
            early.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);

            proxy.open();
            try (Socket later = connect(proxy);
                    Socket laterAccepted = accept()) {
                later.getOutputStream().write(2);
                assertThat(laterAccepted.getInputStream().read()).isEqualTo(2);
            }
        }
    }

    @Test
    void passesTheEndOfEachStreamOnAfterItsLastByte() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort(), DELAY);
                Socket client = connect(proxy);
                Socket server = accept()) {
            client.getOutputStream().write("last words".getBytes(US_ASCII));
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("last words");
            assertThat(proxy.connectionCount()).isEqualTo(1);

            server.getOutputStream().write("and good bye".getBytes(US_ASCII));
            server.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("and good bye");
            Await.until("the connection to be over", LONG, () -> proxy.connectionCount() == 0);
        }
    }

    @Test
    void resetsBothSidesAndServesTheNext() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            Await.until("the connection", LONG, () -> proxy.connectionCount() == 1);

            assertThat(proxy.reset()).isEqualTo(1);

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
            assertThatThrownBy(() -> server.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
            assertThat(proxy.reset()).isZero();
            try (Socket next = connect(proxy);
                    Socket nextServer = accept()) {
                next.getOutputStream().write('x');
                assertThat(nextServer.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    @Test
    void passesAResetOn() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy)) {
            try (Socket server = accept()) {
                client.getOutputStream().write('x');
                assertThat(server.getInputStream().read())
                        .as("both ways are open")
                        .isEqualTo('x');
                server.setSoLinger(true, 0);
            }

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
        }
    }

    @Test
    void closesAConnectionThatHasNoTarget() throws IOException {
        target.close();
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy)) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(proxy.connectionCount()).isZero();
        }
    }

    private Socket accept() throws IOException {
        Socket socket = target.accept();
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }

    private static Socket connect(TcpProxy proxy) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }
}
