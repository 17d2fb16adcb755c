package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.ConnectionOptions;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ConnectInfo;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketDialerTest {
    private static final ServerAddress ADDRESS = new ServerAddress("a", 4222);
    private static final byte SILENT = 1;
    private static final byte REFUSING = 2;
    private static final byte LISTENING = 3;
    private static final byte MUTE = 4;
    /** Listens when another one is tried. */
    private static final byte LATE = 5;

    private static final byte HANGING_UP = 6;

    /** A network in which the last number of an IP address says how it behaves. */
    private final class FakeNetwork implements SocketDialer.Network {
        private final byte[] addresses;

        FakeNetwork(byte... addresses) {
            this.addresses = addresses;
        }

        @Override
        public InetAddress[] lookUp(String host) throws UnknownHostException {
            if (addresses.length == 0) {
                throw new UnknownHostException(host);
            }
            InetAddress[] found = new InetAddress[addresses.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = InetAddress.getByAddress(new byte[] {127, 0, 0, addresses[i]});
            }
            return found;
        }

        @Override
        public Transport connect(InetSocketAddress address, Transport.Events events) throws IOException {
            byte behaviour = address.getAddress().getAddress()[3];
            tried.add(behaviour);
            FakeTransport transport = new FakeTransport();
            transports.put(behaviour, transport);
            latecomer.run();
            latecomer = () -> {};
            Runnable listening = () -> loop.execute(() -> {
                events.onConnected();
                transport.put("INFO {}\r\n");
                events.onReadable();
                transport.put("PONG\r\n");
                events.onReadable();
            });
            switch (behaviour) {
                case REFUSING -> throw new ConnectException("refused");
                case LISTENING -> listening.run();
                case LATE -> latecomer = listening;
                case HANGING_UP ->
                    loop.execute(() -> {
                        events.onConnected();
                        loop.execute(() -> {
                            transport.end();
                            events.onReadable();
                        });
                    });
                case MUTE -> loop.execute(events::onConnected);
                default -> {}
            }
            return transport;
        }
    }

    /** Owned by the loop. */
    private Runnable latecomer = () -> {};

    private final BlockingQueue<Byte> tried = new LinkedBlockingQueue<>();
    private final Map<Byte, FakeTransport> transports = new ConcurrentHashMap<>();
    private final EventLoop loop = new EventLoop("dialler-test", failure -> {});
    private final CompletableFuture<ServerConnection> connected = new CompletableFuture<>();
    private Proxy proxy;
    /** Owned by the loop. */
    private Dialer.Attempt attempt;
    /** Of an attempt that failed; read after that. */
    private boolean reached;

    SocketDialerTest() throws IOException {
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
    void endLoop() throws InterruptedException {
        loop.close();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    @Test
    void anAddressThatDoesNotAnswerLeavesTheOthersTheirTime() throws Exception {
        dial(300, SILENT, SILENT, LISTENING);

        assertThat(connected.get(10, TimeUnit.SECONDS).state()).isEqualTo(ConnectionState.READY);
        assertThat(tried).containsExactly(SILENT, SILENT, LISTENING);
    }

    @Test
    void anAddressThatDoesNotAnswerIsJoinedByTheNextAfterAMoment() throws Exception {
        long startNs = System.nanoTime();
        dial(TimeUnit.MINUTES.toMillis(10), SILENT, LISTENING);

        connected.get(10, TimeUnit.SECONDS);

        assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(SocketDialer.NEXT_AFTER_NS);
        assertThat(tried).containsExactly(SILENT, LISTENING);
    }

    @Test
    void theFirstConnectionWinsAndTheOthersAreClosed() throws Exception {
        dial(TimeUnit.MINUTES.toMillis(10), SILENT, LISTENING, REFUSING);

        connected.get(10, TimeUnit.SECONDS);

        assertThat(transports.get(SILENT).isClosed()).isTrue();
        assertThat(transports.get(LISTENING).isClosed()).isFalse();
        assertThat(tried).containsExactly(SILENT, LISTENING);
    }

    @Test
    void anAddressThatAnswersLateStillWins() throws Exception {
        dial(TimeUnit.MINUTES.toMillis(10), LATE, SILENT);

        assertThat(connected.get(10, TimeUnit.SECONDS).state()).isEqualTo(ConnectionState.READY);
        assertThat(transports.get(SILENT).isClosed()).isTrue();
        assertThat(tried).containsExactly(LATE, SILENT);
    }

    @Test
    void aWinnerThatHangsUpIsFollowedByTheOthers() throws Exception {
        dial(TimeUnit.MINUTES.toMillis(10), HANGING_UP, LISTENING);

        assertThat(connected.get(10, TimeUnit.SECONDS).state()).isEqualTo(ConnectionState.READY);
        assertThat(tried).containsExactly(HANGING_UP, LISTENING);
    }

    @Test
    void addressesAreTriedInTurnsOfTheirFamilies() throws Exception {
        InetAddress six = InetAddress.getByName("fd00::1");
        InetAddress otherSix = InetAddress.getByName("fd00::2");
        InetAddress lastSix = InetAddress.getByName("fd00::3");
        InetAddress four = InetAddress.getByName("10.0.0.1");

        assertThat(SocketDialer.inTurns(List.of(six, otherSix, lastSix, four)))
                .containsExactly(six, four, otherSix, lastSix);
        assertThat(SocketDialer.inTurns(List.of(four, six, otherSix))).containsExactly(four, six, otherSix);
        assertThat(SocketDialer.inTurns(List.of())).isEmpty();
    }

    @Test
    void anAddressThatRefusesIsFollowedByTheNextAtOnce() throws Exception {
        dial(TimeUnit.MINUTES.toMillis(10), REFUSING, LISTENING);

        assertThat(connected.get(10, TimeUnit.SECONDS).state()).isEqualTo(ConnectionState.READY);
        assertThat(tried).containsExactly(REFUSING, LISTENING);
    }

    @Test
    void theLastAddressMayTakeAllTheTimeThereIs() {
        dial(30, REFUSING, SILENT);

        assertTimesOut("timed out waiting for the TCP connection");
        assertThat(reached).isFalse();
    }

    @Test
    void aServerThatAcceptsHasTheWholeTimeAndIsTheOnlyOneTried() {
        dial(30, MUTE, LISTENING);

        assertTimesOut("timed out waiting for its INFO");
        assertThat(reached).isTrue();
        assertThat(tried).containsExactly(MUTE);
    }

    @Test
    void saysWhichHostIsUnknown() {
        dial(TimeUnit.MINUTES.toMillis(10));

        assertThatThrownBy(() -> connected.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("unknown host a");
    }

    private void assertTimesOut(String message) {
        assertThatThrownBy(() -> connected.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                .hasMessage(message);
    }

    /** It hangs up, or says nothing, or is not there. */
    @Test
    void whatGoesWrongBeforeTheServerIsReachedIsTheProxys() {
        proxy = Proxy.parse("http://duck:s3cret@p:3128");
        dial(30, MUTE);
        assertTimesOut("proxy p:3128: timed out waiting for its answer");
        assertThat(reached).isFalse();
    }

    @Test
    void saysWhichProxyIsUnknown() {
        proxy = Proxy.parse("socks5://p");
        dial(TimeUnit.MINUTES.toMillis(10));

        assertThatThrownBy(() -> connected.get(10, TimeUnit.SECONDS))
                .hasMessageEndingWith("proxy p:1080: unknown host p");
    }

    @Test
    void aProxyThatHangsUpIsBlamed() {
        proxy = Proxy.parse("socks5://p");
        dial(TimeUnit.MINUTES.toMillis(10), REFUSING, HANGING_UP);

        assertThatThrownBy(() -> connected.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("proxy p:1080: ");
        assertThat(tried).containsExactly(REFUSING, HANGING_UP);
        assertThat(reached).isFalse();
    }

    private void dial(long timeoutMs, byte... addresses) {
        SocketDialer dialer = new SocketDialer(
                loop,
                Runnable::run,
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                TlsUpgrade.NONE,
                proxy,
                new FakeNetwork(addresses));
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        loop.execute(() -> attempt = dialer.dial(ADDRESS, deadlineNs, new Dialer.Caller() {
            @Override
            public void onReady(ServerConnection connection) {
                connected.complete(connection);
            }

            @Override
            public void onFailed(Throwable cause, boolean wasReached) {
                reached = wasReached;
                connected.completeExceptionally(cause);
            }
        }));
    }
}
