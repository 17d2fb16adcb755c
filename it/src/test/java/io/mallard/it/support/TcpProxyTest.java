package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.it.support.TcpProxy.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
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

    @Test
    void sendsEveryByteAloneAndInOrder() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(Direction.THERE, new Fault.SingleBytes());
            client.getOutputStream().write("byte by byte".getBytes(US_ASCII));

            assertThat(server.getInputStream().readNBytes(12)).asString().isEqualTo("byte by byte");
            server.getOutputStream().write("whole".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("whole");
            assertThat(proxy.counts().singleBytes()).isEqualTo(12);
        }
    }

    @Test
    void throttlesOneDirection() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(Direction.BACK, new Fault.Throttle(10_000));
            long sentNs = System.nanoTime();
            server.getOutputStream().write(new byte[2_000]);
            client.getInputStream().readNBytes(2_000);

            assertThat(System.nanoTime() - sentNs)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
            assertThat(proxy.counts().throttledChunks()).isGreaterThanOrEqualTo(20);
        }
    }

    @Test
    void stallsOneDirectionAndLetsItGoOn() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(Direction.THERE, new Fault.Stall());
            client.getOutputStream().write("late".getBytes(US_ASCII));
            Await.until("it to be held", LONG, () -> proxy.counts().stalls() == 1);
            server.getOutputStream().write("back".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("back");
            assertThat(server.getInputStream().available()).isZero();

            proxy.heal();

            assertThat(server.getInputStream().readNBytes(4)).asString().isEqualTo("late");
        }
    }

    @Test
    void holdsTheSenderBackWhileItStalls() throws IOException, InterruptedException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(new Fault.Stall());
            AtomicLong written = new AtomicLong();
            int total = 64 << 20;
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < total; i += 1 << 16) {
                        client.getOutputStream().write(new byte[1 << 16]);
                        written.addAndGet(1 << 16);
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            Await.until("the sender to be stuck", LONG, () -> {
                long before = written.get();
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                return before > 0 && written.get() == before;
            });
            assertThat(written.get()).isLessThan(total);

            proxy.heal();

            assertThat(server.getInputStream().readAllBytes()).hasSize(total);
            sender.join(LONG.toMillis());
        }
    }

    @Test
    void cutsAConnectionAndServesTheNext() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(Direction.THERE, new Fault.CutAfter(3));
            client.getOutputStream().write("abcdef".getBytes(US_ASCII));

            assertThat(server.getInputStream().readNBytes(3)).asString().isEqualTo("abc");
            assertThat(server.getInputStream().read()).isNegative();
            assertThat(client.getInputStream().read()).isNegative();
            assertThat(proxy.counts().cuts()).isEqualTo(1);
            try (Socket next = connect(proxy);
                    Socket nextServer = accept()) {
                next.getOutputStream().write("abcdef".getBytes(US_ASCII));
                assertThat(nextServer.getInputStream().readNBytes(6)).asString().isEqualTo("abcdef");
            }
        }
    }

    @Test
    void corruptsAlikeForTheSameSeed() throws IOException {
        byte[] once = corrupted(5);

        assertThat(corrupted(5)).isEqualTo(once);
        assertThat(corrupted(6)).isNotEqualTo(once);
    }

    private byte[] corrupted(long seed) throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort(), Duration.ZERO, seed);
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(new Fault.Corrupt(10));
            client.getOutputStream().write(new byte[1_000]);
            byte[] received = server.getInputStream().readNBytes(1_000);
            int ones = BitSet.valueOf(received).cardinality();
            assertThat(proxy.counts().bytesCorrupted()).isEqualTo(ones).isPositive();
            return received;
        }
    }

    @Test
    void opensOneHalfOnly() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            client.getOutputStream().write('x');
            assertThat(server.getInputStream().read()).isEqualTo('x');

            assertThat(proxy.halfOpen()).isEqualTo(1);

            assertThat(server.getInputStream().read()).isNegative();
            client.getOutputStream().write(new byte[100]);
            assertSilent(client);
            assertThat(proxy.halfOpen()).isZero();
            assertThat(proxy.counts().halfOpened()).isEqualTo(1);
            client.shutdownOutput();
            Await.until("the connection to be over", LONG, () -> proxy.connectionCount() == 0);
        }
    }

    @Test
    void swallowsWhatIsThereAndWhatComes() throws IOException {
        try (TcpProxy proxy = TcpProxy.start(target.getLocalPort());
                Socket client = connect(proxy);
                Socket server = accept()) {
            proxy.inject(new Fault.BlackHole());
            client.getOutputStream().write(new byte[100]);
            server.getOutputStream().write(new byte[50]);
            Await.until("both to be swallowed", LONG, () -> proxy.counts().bytesSwallowed() == 150);

            try (Socket late = connect(proxy)) {
                Await.until(
                        "the connection to be swallowed",
                        LONG,
                        () -> proxy.counts().connectionsSwallowed() == 1);
                assertSilent(late);
                proxy.heal();
                assertSilent(late);
            }
            server.shutdownOutput();
            assertSilent(client);
            try (Socket next = connect(proxy);
                    Socket nextServer = accept()) {
                next.getOutputStream().write('y');
                assertThat(nextServer.getInputStream().read()).isEqualTo('y');
            }
        }
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout((int) LONG.toMillis());
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
