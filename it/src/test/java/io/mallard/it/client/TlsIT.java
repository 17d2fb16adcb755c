package io.mallard.it.client;

import static io.mallard.it.support.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.TlsMode;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ServerTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real servers that want TLS, and what is wrong with certificates. */
@NoLeaks
class TlsIT {
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    static Path directory;

    private static Certificates certificates;
    private static ServerTls byNameAndAddress;
    private static Path trust;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new Certificates(directory)
                .authority("ca")
                .authority("other-ca")
                .issue("server", "ca", "dns:localhost,ip:127.0.0.1")
                .issue("named", "ca", "dns:localhost")
                .issue("elsewhere", "ca", "dns:elsewhere.example.org")
                .issueExpired("expired", "ca", "dns:localhost,ip:127.0.0.1")
                .issue("first", "ca", "dns:client")
                .issue("second", "ca", "dns:client")
                .issue("stranger", "other-ca", "dns:client");
        byNameAndAddress = certificates.server("server");
        trust = certificates.trust("ca");
    }

    private static NatsServer start(ServerTls tls) {
        return NatsServer.start(NatsServerConfig.builder().tls(tls).build());
    }

    private NatsOptions.Builder trusting(NatsServer server) {
        return NatsOptions.builder()
                .servers("tls://localhost:" + server.port())
                .tlsTrustStore(trust, PASSWORD)
                .standbys(0)
                .listener(events);
    }

    /** Whether the server says so of each of its connections; there is one at least. */
    private static boolean isEncrypted(NatsServer server) {
        List<String> versions = connections(server).stream()
                .map(connection -> connection.path("tls_version").asText())
                .toList();
        return !versions.isEmpty() && versions.stream().allMatch(version -> version.startsWith("1."));
    }

    private static List<JsonNode> connections(NatsServer server) {
        JsonNode connections = server.monitoring("/connz?auth=1").path("connections");
        return StreamSupport.stream(connections.spliterator(), false).toList();
    }

    private AbstractThrowableAssert<?, ?> assertRefused(NatsStatus status, NatsOptions.Builder options) {
        return assertThatThrownBy(() -> clients.connect(options).close())
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageNotContaining(PASSWORD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void encryptsWhereTheServerRequiresIt(String version) {
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .version(version)
                        .tls(byNameAndAddress)
                        .build());
                NatsClient client = clients.connect(trusting(server))) {
            Numbers received = new Numbers();
            client.subscribe("t", message -> received.add(message.payload()));
            for (int i = 1; i <= 10_000; i++) {
                client.publish("t", Numbers.payload(i));
            }

            Eventually.eventually("all messages", () -> received.count() == 10_000);
            assertThat(received.missing(10_000)).isEmpty();
            assertThat(isEncrypted(server)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void encryptsAsItIsToldWhereTheServerLeavesTheChoice(TlsMode mode) {
        try (NatsServer server = start(byNameAndAddress.withPlainAllowed());
                NatsClient client = clients.connect(
                        trusting(server).servers("localhost:" + server.port()).tls(mode))) {
            client.flush(Eventually.LONG);

            assertThat(isEncrypted(server)).isEqualTo(mode != TlsMode.OFF);
        }
    }

    @Test
    void goesWithoutWhereTheServerLeavesTheChoiceAndNothingIsSet() {
        try (NatsServer server = start(byNameAndAddress.withPlainAllowed());
                NatsClient client = clients.connect(server.url())) {
            client.flush(Eventually.LONG);

            assertThat(isEncrypted(server)).isFalse();
        }
    }

    @Test
    void trustsWhatTheJdkTrustsWhereNothingIsSet() throws Exception {
        try (NatsServer server = start(byNameAndAddress)) {
            NatsOptions.Builder nothingSet = NatsOptions.builder().servers(server.url());
            assertRefused(NatsStatus.SSL_ERROR, nothingSet)
                    .hasMessageContaining("is of no authority that is trusted here, which are those of the JDK")
                    .hasMessageContaining("set tlsTrustStore");

            SSLContext before = SSLContext.getDefault();
            SSLContext.setDefault(certificates.context("first", "ca"));
            try (NatsClient client = clients.connect(nothingSet)) {
                client.flush(Eventually.LONG);
                assertThat(isEncrypted(server)).isTrue();
            } finally {
                SSLContext.setDefault(before);
            }
        }
    }

    @Test
    void refusesWhatContradictsTheServer() {
        try (NatsServer plain = NatsServer.startDefault();
                NatsServer secure = start(byNameAndAddress)) {
            assertRefused(NatsStatus.SECURE_CONNECTION_WANTED, trusting(plain))
                    .hasMessageContaining("the server offers no TLS");
            assertRefused(
                            NatsStatus.SECURE_CONNECTION_REQUIRED,
                            NatsOptions.builder().servers(secure.url()).tls(TlsMode.OFF))
                    .hasMessageContaining("tls=OFF");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.10", "newest"})
    void beginsWithTheHandshakeWhereTheServerWantsIt(String version) {
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .version(version)
                        .tls(byNameAndAddress.withHandshakeFirst())
                        .build());
                NatsClient client = clients.connect(trusting(server).tlsFirst(true))) {
            client.flush(Eventually.LONG);

            assertThat(isEncrypted(server)).isTrue();
            assertRefused(NatsStatus.NO_SERVER, trusting(server).connectTimeout(SHORT))
                    .hasMessageContaining(
                            "timed out waiting for its INFO; if the server has handshake_first, set tlsFirst");
        }
    }

    @Test
    void saysThatTheServerDoesNotBeginWithTheHandshake() {
        try (NatsServer server = start(byNameAndAddress)) {
            assertThatThrownBy(() ->
                            clients.connect(trusting(server).tlsFirst(true)).close())
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining("if its handshake_first is off, set tlsFirst to false");
        }
    }

    @Test
    void showsItsOwnCertificateWhereTheServerVerifiesIt() throws Exception {
        try (NatsServer server = start(byNameAndAddress.withClientAuthority(certificates.pem("ca")));
                NatsClient client =
                        clients.connect(trusting(server).tlsKeyStore(certificates.identity("first"), PASSWORD))) {
            client.flush(Eventually.LONG);

            assertThat(subjects(server)).containsExactly("CN=first");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server)).hasMessageContaining("set tlsKeyStore");
            Path stranger = certificates.identity("stranger");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsKeyStore(stranger, PASSWORD))
                    .hasMessageContaining("check that it trusts that of tlsKeyStore=" + stranger);
        }
    }

    @Test
    void takesCertificatesAndKeysAsTextToo() throws Exception {
        ServerTls first = certificates.server("first"); // Files of anybody who has a certificate and a key.
        Path identity = directory.resolve("first-identity.pem");
        Files.writeString(identity, Files.readString(first.certificate()) + "\n" + Files.readString(first.key()));
        Path encrypted = directory.resolve("encrypted.pem");
        Files.writeString(encrypted, Files.readString(identity).replace(" PRIVATE KEY", " ENCRYPTED PRIVATE KEY"));
        try (NatsServer server = start(byNameAndAddress.withClientAuthority(certificates.pem("ca")));
                NatsClient client = clients.connect(trusting(server)
                        .tlsTrustStore(certificates.pem("ca"), null)
                        .tlsKeyStore(identity, null))) {
            client.flush(Eventually.LONG);

            assertThat(subjects(server)).containsExactly("CN=first");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsTrustStore(certificates.pem("other-ca"), null));
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsKeyStore(certificates.pem("first"), null))
                    .hasMessageContaining("has no key");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsKeyStore(encrypted, null))
                    .hasMessageContaining("openssl pkcs8 -topk8 -nocrypt");
        }
    }

    private static List<String> subjects(NatsServer server) {
        return connections(server).stream()
                .map(connection -> connection
                        .path("tls_peer_certs")
                        .path(0)
                        .path("subject")
                        .asText())
                .toList();
    }

    @Test
    void refusesACertificateOfAnAuthorityItDoesNotTrust() throws Exception {
        Path other = certificates.trust("other-ca");
        try (NatsServer server = start(byNameAndAddress)) {
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsTrustStore(other, PASSWORD))
                    .hasMessageContaining(
                            "is of no authority that is trusted here, which are those of tlsTrustStore=" + other);
        }
    }

    @Test
    void refusesACertificateForAnotherHostUnlessToldNotTo() throws Exception {
        try (NatsServer server = start(certificates.server("elsewhere"))) {
            assertRefused(NatsStatus.SSL_ERROR, trusting(server))
                    .hasMessageContaining("the server's certificate is not for localhost")
                    .hasMessageContaining("set tlsAcceptAnyHostName");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).servers("tls://127.0.0.1:" + server.port()))
                    .hasMessageContaining("the server's certificate is not for 127.0.0.1");

            try (NatsClient client = clients.connect(trusting(server).tlsAcceptAnyHostName(true))) {
                client.flush(Eventually.LONG);
                assertThat(isEncrypted(server)).isTrue();
            }
            assertRefused(
                            NatsStatus.SSL_ERROR,
                            trusting(server)
                                    .tlsTrustStore(certificates.trust("other-ca"), PASSWORD)
                                    .tlsAcceptAnyHostName(true))
                    .as("any name, and not any authority")
                    .hasMessageContaining("no authority that is trusted");
        }
    }

    @Test
    void verifiesADiscoveredAddressByTheNameItConnectedTo() throws Exception {
        try (NatsCluster cluster = NatsCluster.start(
                        2,
                        NatsServerConfig.builder()
                                .tls(certificates.server("named"))
                                .build());
                NatsClient client = clients.connect(
                        trusting(cluster.server(0)).standbys(1).standbyRefillJitter(Duration.ofMillis(1)))) {
            Eventually.eventually("a standby at the address", client::isHotSwapAvailable);

            assertThat(isEncrypted(cluster.server(1))).isTrue();
            assertRefused(
                            NatsStatus.SSL_ERROR,
                            trusting(cluster.server(1))
                                    .servers(cluster.server(1).url()))
                    .as("an address that the user gave stands for itself")
                    .hasMessageContaining("the server's certificate is not for 127.0.0.1");
        }
    }

    @Test
    void refusesAnExpiredCertificate() throws Exception {
        try (NatsServer server = start(certificates.server("expired"))) {
            assertRefused(NatsStatus.SSL_ERROR, trusting(server))
                    .hasMessageContaining("the server's certificate is not valid today")
                    .hasMessageContaining("it needs a new one");
        }
    }

    @Test
    void saysWhichStoreCannotBeUsed() throws Exception {
        try (NatsServer server = start(byNameAndAddress)) {
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsTrustStore(trust, "wrong"))
                    .hasMessageContaining("tlsTrustStore=" + trust + " cannot be used")
                    .hasMessageContaining("check tlsTrustStorePassword");
            assertRefused(NatsStatus.SSL_ERROR, trusting(server).tlsTrustStore(trust, null))
                    .hasMessageContaining("check tlsTrustStorePassword");
        }
    }

    @Test
    void showsTheNewCertificateOnTheNextConnection() throws Exception {
        Path keyStore = directory.resolve("rotated.p12");
        Files.copy(certificates.identity("first"), keyStore);
        try (NatsServer server = start(byNameAndAddress.withClientAuthority(certificates.pem("ca")));
                NatsClient client = clients.connect(trusting(server).tlsKeyStore(keyStore, PASSWORD))) {
            client.flush(Eventually.LONG);
            assertThat(subjects(server)).containsExactly("CN=first");

            Files.copy(certificates.identity("second"), keyStore, StandardCopyOption.REPLACE_EXISTING);
            server.restart();
            events.await(Kind.RECONNECTED);

            assertThat(subjects(server)).containsExactly("CN=second");
        }
    }

    @Test
    void saysWhyItCannotReconnectAndDoesOnceTheServerIsInOrderAgain() throws Exception {
        ServerTls changing = new ServerTls(directory.resolve("changing.pem"), directory.resolve("changing.key"));
        copy(byNameAndAddress, changing);
        try (ClientLog log = ClientLog.open();
                NatsServer server = start(changing);
                NatsClient client = clients.connect(trusting(server).reconnectMaxDelay(Duration.ofMillis(200)))) {
            client.flush(Eventually.LONG);

            copy(certificates.server("expired"), changing);
            server.restart();
            Eventually.eventually(
                    "the reason",
                    () -> log.lines().stream().anyMatch(line -> line.contains("certificate is not valid today")));

            copy(byNameAndAddress, changing);
            server.restart();
            events.await(Kind.RECONNECTED);
            client.flush(Eventually.LONG);
            assertThat(isEncrypted(server)).isTrue();
            assertThat(log.lines()).noneMatch(line -> line.contains(PASSWORD));
        }
    }

    private static void copy(ServerTls from, ServerTls to) throws Exception {
        Files.copy(from.certificate(), to.certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(from.key(), to.key(), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void asksForAContextForEachConnection() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        SSLContext context = certificates.context("first", "ca");
        try (NatsServer server = start(byNameAndAddress);
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(server.url())
                        .standbys(0)
                        .listener(events)
                        .tlsContext(() -> {
                            asked.incrementAndGet();
                            return context;
                        }))) {
            client.flush(Eventually.LONG);
            assertThat(asked).hasValue(1);

            server.restart();
            events.await(Kind.RECONNECTED);

            assertThat(asked).hasValueGreaterThan(1);
            assertThat(isEncrypted(server)).isTrue();
        }
    }

    @Test
    void closesWithinMillisecondsWhenIdle() {
        try (NatsServer server = start(byNameAndAddress)) {
            List<Long> tookMs = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                NatsClient client = clients.connect(trusting(server));
                client.flush(Eventually.LONG);
                long startNs = System.nanoTime();
                client.close();
                tookMs.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
            }
            Collections.sort(tookMs);

            assertThat(tookMs.get(tookMs.size() / 2))
                    .as("median of %s ms", tookMs)
                    .isLessThan(50);
        }
    }
}
