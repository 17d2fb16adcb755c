package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.await;
import static io.mallard.protocol.net.TransportFixture.payload;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.CertPathBuilderException;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is particular to TLS; {@link TransportContractTest} has the rest. */
class TlsTransportTest {
    private static final byte[] INFO = "INFO {\"tls_required\":true}\r\n".getBytes(US_ASCII);

    private TransportFixture fixture;

    @BeforeEach
    void start() throws Exception {
        // The peer is plain: its scripts speak TLS from where they choose, and can break it.
        fixture = new TransportFixture(Link.TCP);
    }

    @AfterEach
    void end() throws Exception {
        fixture.end();
    }

    @ParameterizedTest
    @EnumSource(
            value = Link.class,
            names = {"TLS_1_2", "TLS_1_3"})
    void upgradesAConnectionThatHasAlreadySpoken(Link link) throws Exception {
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(INFO);
            return Peer.echo(serverSide(socket, link));
        });
        TestOwner owner = fixture.connect(Link.TCP);
        await(owner.received(INFO.length));

        TestOwner secured = upgrade(owner, link.engine(TestCertificate.trustingClient()), new byte[0]);
        await(secured.connected);
        byte[] payload = payload(1000);
        secured.send(payload);

        assertThat(await(secured.received(payload.length))).isEqualTo(payload);
        assertThat(owner.writable).isNotCompleted();
    }

    @Test
    void takesWhatWasReadBehindInfoForTheFirstRecord() throws Exception {
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(INFO);
            return socket.getInputStream().readAllBytes();
        });
        TestOwner owner = fixture.connect(Link.TCP);
        await(owner.received(INFO.length));

        TestOwner secured =
                upgrade(owner, Link.TLS_1_3.engine(TestCertificate.trustingClient()), "PING\r\n".getBytes(US_ASCII));

        assertThat(await(secured.failed)).isInstanceOf(SSLException.class);
        assertThat(secured.connected).isNotCompleted();
    }

    @ParameterizedTest
    @EnumSource(
            value = Link.class,
            names = {"TLS_1_2", "TLS_1_3"})
    void reportsACertificateItDoesNotTrustWithTheCause(Link link) throws Exception {
        fixture.peer.serve(socket -> Peer.echo(serverSide(socket, link)));

        TestOwner owner = connect(link.engine(TestCertificate.distrustingClient()), fixture.taskExecutor);

        assertThat(await(owner.failed))
                .isInstanceOf(SSLHandshakeException.class)
                .hasRootCauseInstanceOf(CertPathBuilderException.class);
        assertThat(owner.connected).isNotCompleted();
    }

    @Test
    void tellsTheServerWhyItGivesUp() throws Exception {
        fixture.peer.serve(socket -> Peer.echo(serverSide(socket, Link.TLS_1_2)));

        AtomicReference<CrumblingTransport> recorder = new AtomicReference<>();
        TestOwner owner =
                connectThrough(recorder, Link.TLS_1_2.engine(TestCertificate.distrustingClient()), Integer.MAX_VALUE);

        // Here and not at the server: it may be writing still when the socket closes, and then reads nothing more.
        await(owner.failed);
        byte[] fatalCertificateUnknown = {21, 3, 3, 0, 2, 2, 46}; // In the clear, so early in TLS 1.2.
        assertThat(recorder.get().written()).endsWith(fatalCertificateUnknown);
    }

    @Test
    void failsWhenTheServerDoesNotSpeakTls() throws Exception {
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(INFO);
            return socket.getInputStream().readAllBytes();
        });

        TestOwner owner = connect(Link.TLS_1_3.engine(TestCertificate.trustingClient()), fixture.taskExecutor);

        assertThat(await(owner.failed)).isInstanceOf(SSLException.class);
    }

    @Test
    void failsWhenTheServerClosesDuringTheHandshake() throws Exception {
        fixture.peer.serve(socket -> socket.getInputStream().read(new byte[10_000]));

        TestOwner owner = connect(Link.TLS_1_3.engine(TestCertificate.trustingClient()), fixture.taskExecutor);

        assertThat(await(owner.failed)).isInstanceOf(EOFException.class).hasMessageContaining("handshake");
    }

    @ParameterizedTest
    @EnumSource(
            value = Link.class,
            names = {"TLS_1_2", "TLS_1_3"})
    void takesAnEndWithoutCloseNotifyForTheEnd(Link link) throws Exception {
        byte[] payload = payload(1000);
        fixture.peer.serve(socket -> {
            serverSide(socket, link).getOutputStream().write(payload);
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes();
        });
        TestOwner owner = connect(link.engine(TestCertificate.trustingClient()), fixture.taskExecutor);

        await(owner.ended);

        assertThat(await(owner.received(1))).isEqualTo(payload);
        assertThat(owner.failed).isNotCompleted();
    }

    @Test
    void takesCloseNotifyForTheEndThoughTheSocketStaysOpen() throws Exception {
        byte[] payload = payload(1000);
        CountDownLatch ended = new CountDownLatch(1);
        fixture.peer.serve(socket -> {
            SSLSocket tls = serverSide(socket, Link.TLS_1_3);
            tls.getOutputStream().write(payload);
            tls.shutdownOutput();
            return ended.await(20, TimeUnit.SECONDS);
        });
        TestOwner owner = connect(Link.TLS_1_3.engine(TestCertificate.trustingClient()), fixture.taskExecutor);

        await(owner.ended);
        ended.countDown();

        assertThat(await(owner.received(1))).isEqualTo(payload);
    }

    @ParameterizedTest
    @EnumSource(
            value = Link.class,
            names = {"TLS_1_2", "TLS_1_3"})
    void saysCloseNotifyWhenClosed(Link link) throws Exception {
        // The server's read throws where the stream ends without close_notify, see TestCertificate.
        CompletableFuture<Integer> server = fixture.peer.next(socket -> Peer.echo(serverSide(socket, link)));
        TestOwner owner = connect(link.engine(TestCertificate.trustingClient()), fixture.taskExecutor);
        await(owner.connected);
        owner.send(payload(10));
        await(owner.received(10));

        owner.close();

        assertThat(await(server)).isEqualTo(10);
    }

    @Test
    void answersKeyUpdatesWithNothingElseToSay() throws Exception {
        byte[] payload = payload(5 << 20); // Keys change every MiB, see TestCertificate.
        CompletableFuture<byte[]> server = fixture.peer.next(socket -> {
            SSLSocket tls = serverSide(socket, Link.TLS_1_3);
            tls.getOutputStream().write(payload);
            return tls.getInputStream().readNBytes(3);
        });
        AtomicReference<CrumblingTransport> recorder = new AtomicReference<>();
        TestOwner owner =
                connectThrough(recorder, Link.TLS_1_3.engine(TestCertificate.trustingClient()), Link.CRUMB_BYTES);
        await(owner.connected);
        int handshakeBytes = recorder.get().written().length;

        assertThat(await(owner.received(payload.length))).isEqualTo(payload);
        await(owner.writable);
        CompletableFuture<byte[]> written = new CompletableFuture<>();
        fixture.loop.execute(() -> written.complete(recorder.get().written()));
        assertThat(await(written)).as("the answers").hasSizeGreaterThan(handshakeBytes);

        owner.send(new byte[] {1, 2, 3}); // Under keys of the new generation.
        assertThat(await(server)).containsExactly(1, 2, 3);
    }

    /** TLS asks for a write, in which the layer above has nothing to say. */
    @Test
    void answersKeyUpdatesBelowAWebSocket() throws Exception {
        byte[] payload = payload(2 << 20);
        CompletableFuture<byte[]> server = fixture.peer.next(socket -> {
            WebSocketFarEnd webSocket = new WebSocketFarEnd(serverSide(socket, Link.TLS_1_3));
            webSocket.send(WebSocketFarEnd.BINARY, payload);
            return webSocket.getInputStream().readNBytes(3);
        });
        AtomicReference<CrumblingTransport> recorder = new AtomicReference<>();
        TestOwner owner = new TestOwner(fixture.loop).connect(events -> {
            TcpTransport tcp = TcpTransport.connect(fixture.loop, fixture.peer.address(), events);
            recorder.set(new CrumblingTransport(tcp, Integer.MAX_VALUE));
            SSLEngine engine = Link.TLS_1_3.engine(TestCertificate.trustingClient());
            return Link.webSocket(
                    TlsTransport.over(recorder.get(), fixture.loop, engine, events, fixture.taskExecutor), events);
        });
        await(owner.connected);
        int openingBytes = await(written(recorder)).length;

        assertThat(await(owner.received(payload.length))).isEqualTo(payload);
        await(owner.writable);
        assertThat(await(written(recorder))).as("the answers").hasSizeGreaterThan(openingBytes);

        owner.send(new byte[] {1, 2, 3}); // Under keys of the new generation.
        assertThat(await(server)).containsExactly(1, 2, 3);
    }

    private CompletableFuture<byte[]> written(AtomicReference<CrumblingTransport> recorder) {
        CompletableFuture<byte[]> written = new CompletableFuture<>();
        fixture.loop.execute(() -> written.complete(recorder.get().written()));
        return written;
    }

    @Test
    void refusesToRenegotiate() throws Exception {
        fixture.peer.serve(socket -> {
            SSLSocket tls = serverSide(socket, Link.TLS_1_2);
            tls.startHandshake();
            tls.startHandshake();
            return tls.getInputStream().read();
        });
        TestOwner owner = connect(Link.TLS_1_2.engine(TestCertificate.trustingClient()), fixture.taskExecutor);

        assertThat(await(owner.failed)).isInstanceOf(SSLException.class).hasMessageContaining("renegotiate");
    }

    @Test
    void neitherTheLoopNorCloseWaitsForATaskOfTheHandshake() throws Exception {
        SlowTrust trust = new SlowTrust();
        fixture.peer.serve(socket -> Peer.echo(serverSide(socket, Link.TLS_1_3)));
        TestOwner owner = connect(Link.TLS_1_3.engine(trust.context()), fixture.taskExecutor);
        Thread checker = await(trust.checking);
        CompletableFuture<Thread> looping = new CompletableFuture<>();

        owner.close();
        fixture.loop.execute(() -> looping.complete(Thread.currentThread()));

        assertThat(await(looping)).isNotEqualTo(checker);
        trust.decided.countDown();
        assertThat(owner.eventCount).hasValue(0);
    }

    @Test
    void hearsOfTheServersEndDuringATaskOfTheHandshake() throws Exception {
        SlowTrust trust = new SlowTrust();
        fixture.peer.serve(socket -> {
            CompletableFuture<Void> handshake = fixture.peer.run(() -> {
                serverSide(socket, Link.TLS_1_3).startHandshake();
                return null;
            });
            await(trust.checking);
            socket.shutdownOutput();
            return handshake.handle((done, failure) -> failure).get(20, TimeUnit.SECONDS);
        });
        TestOwner owner = connect(Link.TLS_1_3.engine(trust.context()), fixture.taskExecutor);

        assertThat(await(owner.failed)).isInstanceOf(EOFException.class);
        trust.decided.countDown();
    }

    @Test
    void failsWhenNoThreadTakesTheTasksOfTheHandshake() throws Exception {
        fixture.peer.serve(socket -> Peer.echo(serverSide(socket, Link.TLS_1_3)));

        TestOwner owner = connect(Link.TLS_1_3.engine(TestCertificate.trustingClient()), task -> {
            throw new RejectedExecutionException("full");
        });

        assertThat(await(owner.failed)).hasRootCauseMessage("full");
    }

    @Test
    void refusesASecondHandshake() throws Exception {
        fixture.peer.serve(socket -> Peer.echo(serverSide(socket, Link.TLS_1_3)));
        TestOwner owner = connect(Link.TLS_1_3.engine(TestCertificate.trustingClient()), fixture.taskExecutor);
        await(owner.connected);

        assertThatThrownBy(() -> ((TlsTransport) owner.transport()).handshake(ByteBuffer.allocate(0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("OPEN");
    }

    private TestOwner connect(SSLEngine engine, Executor taskExecutor) {
        return new TestOwner(fixture.loop)
                .connect(events -> TlsTransport.over(
                        TcpTransport.connect(fixture.loop, fixture.peer.address(), events),
                        fixture.loop,
                        engine,
                        events,
                        taskExecutor));
    }

    private TestOwner connectThrough(
            AtomicReference<CrumblingTransport> recorder, SSLEngine engine, int... crumbBytes) {
        return new TestOwner(fixture.loop).connect(events -> {
            TcpTransport tcp = TcpTransport.connect(fixture.loop, fixture.peer.address(), events);
            recorder.set(new CrumblingTransport(tcp, crumbBytes));
            TlsTransport tls =
                    new TlsTransport(recorder.get(), fixture.loop, engine, events, fixture.taskExecutor, 1 << 10);
            tcp.events(tls);
            return tls;
        });
    }

    /** Hands the socket of a plain owner to an owner behind TLS. */
    private TestOwner upgrade(TestOwner plain, SSLEngine engine, byte[] alreadyRead) {
        TestOwner secured = new TestOwner(fixture.loop);
        secured.connect(
                events -> TlsTransport.over(plain.transport(), fixture.loop, engine, events, fixture.taskExecutor));
        fixture.loop.execute(() -> ((TlsTransport) secured.transport()).handshake(ByteBuffer.wrap(alreadyRead)));
        return secured;
    }

    private static SSLSocket serverSide(Socket socket, Link link) throws Exception {
        SSLSocket tls = (SSLSocket) TestCertificate.server().getSocketFactory().createSocket(socket, null, false);
        tls.setUseClientMode(false);
        tls.setEnabledProtocols(link.engine(TestCertificate.server()).getEnabledProtocols());
        return tls;
    }

    /** A trust manager that takes its time, as one does that asks a revocation service. */
    private static final class SlowTrust implements X509TrustManager {
        final CompletableFuture<Thread> checking = new CompletableFuture<>();
        final CountDownLatch decided = new CountDownLatch(1);

        SSLContext context() throws Exception {
            return TestCertificate.client(new TrustManager[] {this});
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            checking.complete(Thread.currentThread());
            try {
                decided.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
