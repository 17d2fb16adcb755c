package io.mallard.it.client;

import static io.mallard.it.support.Certificates.PASSWORD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody between client and server who can put bytes on the wire: none is taken, and none is sent in the clear. */
@NoLeaks
class TlsInTheClearIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Map<String, Object> REQUIRES_TLS = Map.of("tls_required", true);
    private static final String INFO = "INFO {\"server_id\":\"X\",\"tls_required\":true}\r\n";

    @TempDir
    static Path directory;

    private static SSLContext serverContext;
    private static Path trust;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void makeCertificates() throws Exception {
        Certificates certificates = new Certificates(directory).authority("ca").issue("server", "ca", "ip:127.0.0.1");
        serverContext = certificates.context("server", "ca");
        trust = certificates.trust("ca");
    }

    private NatsOptions.Builder trusting(String url) {
        return NatsOptions.builder()
                .servers(url)
                .tlsTrustStore(trust, PASSWORD)
                .user("duck", "s3cret")
                .standbys(0)
                .flushTimeout(SHORT)
                .listener(events);
    }

    private static void assertNothingInTheClear(ScriptedConnection connection) {
        byte[] received = connection.received();
        assertThat(new String(received, US_ASCII)).doesNotContain("CONNECT", "s3cret", "PING", "PONG");
        if (received.length > 0) {
            assertThat(received).as("a record of the handshake").startsWith(22, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PING\r\n", "MSG a 1 1\r\nx\r\n", "INFO {}\r\n", "+OK\r\n", "P"})
    void whatComesBehindInfoIsRefused(String injected) {
        try (ScriptedServer server = ScriptedServer.start(Step.send(INFO + injected))) {
            assertThatThrownBy(() -> clients.connect(trusting(server.url())).close())
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining("the server sent " + injected.length()
                            + " bytes in the clear before the TLS handshake: " + injected.substring(0, 1))
                    .hasMessageNotContaining("\r");
            assertNothingInTheClear(server.connection(0));
        }
    }

    @Test
    void whatComesInsteadOfTheHandshakeIsRefused() {
        Step afterTheClientHasBegun = connection -> {
            Eventually.eventually("the client's first record", () -> connection.received().length > 0);
            connection.send("PING\r\n");
        };
        try (ScriptedServer server = ScriptedServer.start(Step.info(REQUIRES_TLS), afterTheClientHasBegun)) {
            assertThatThrownBy(() -> clients.connect(trusting(server.url())).close())
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining("the server does not answer in TLS");
            assertNothingInTheClear(server.connection(0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHandshakeThatIsNotAnsweredEndsInTime(boolean first) {
        Step begin = first ? connection -> {} : Step.info(REQUIRES_TLS);
        try (ScriptedServer server = ScriptedServer.start(begin, Step.awaitClientClose(TIMEOUT))) {
            long startNs = System.nanoTime();

            assertThatThrownBy(() -> clients.connect(
                                    trusting(server.url()).tlsFirst(first).connectTimeout(SHORT))
                            .close())
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining("timed out waiting for the TLS handshake");

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isBetween(SHORT, Duration.ofSeconds(3));
            assertThat(server.connection(0).received()).startsWith(22, 3);
            assertNothingInTheClear(server.connection(0));
        }
    }

    @Test
    void whatComesInTheClearAfterwardsBreaksTheConnection() throws Exception {
        CompletableFuture<Void> inject = new CompletableFuture<>();
        AtomicInteger delivered = new AtomicInteger();
        try (ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> played = new CompletableFuture<>();
            Thread peer = new Thread(() -> play(listener, inject, played), "tls-peer");
            peer.start();
            try (NatsClient client = clients.connect(trusting("nats://127.0.0.1:" + listener.getLocalPort()))) {
                client.subscribe("a", message -> delivered.incrementAndGet());
                inject.complete(null);

                assertThat(events.await(Kind.DISCONNECTED).cause()).isInstanceOf(SSLException.class);
            }
            played.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            peer.join(TIMEOUT.toMillis());
        }
        assertThat(delivered).hasValue(0);
    }

    /** Speaks TLS as a server should until it is told to go on in the clear. */
    private static void play(ServerSocket listener, CompletableFuture<Void> inject, CompletableFuture<Void> played) {
        try (Socket socket = listener.accept()) {
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            listener.close();
            socket.getOutputStream().write(INFO.getBytes(US_ASCII));
            SSLSocket tls = (SSLSocket) serverContext.getSocketFactory().createSocket(socket, null, false);
            tls.setUseClientMode(false);
            BufferedReader lines = new BufferedReader(new InputStreamReader(tls.getInputStream(), US_ASCII));
            assertThat(lines.readLine()).startsWith("CONNECT {").contains("\"tls_required\":true", "s3cret");
            assertThat(lines.readLine()).isEqualTo("PING");
            tls.getOutputStream().write("PONG\r\n".getBytes(US_ASCII));
            inject.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            // More than the length of a record that these characters could mean.
            String messages = "MSG a 2 1\r\nx\r\nMSG a 1 1\r\nx\r\n".repeat(1_000);
            socket.getOutputStream().write(messages.getBytes(US_ASCII));
            while (lines.readLine() != null) {} // Until the client has closed.
            played.complete(null);
        } catch (IOException e) {
            played.complete(null); // The client has broken off.
        } catch (Exception | AssertionError e) {
            played.completeExceptionally(e);
        }
    }
}
