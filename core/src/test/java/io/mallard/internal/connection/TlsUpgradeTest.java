package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.TlsMode;
import io.mallard.TlsOptions;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.wire.ServerInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsUpgradeTest {
    private static final ServerAddress PLAIN = ServerAddress.parse("nats://a");
    private static final Map<String, String> INFOS =
            Map.of("none", "{}", "available", "{\"tls_available\":true}", "required", "{\"tls_required\":true}");

    private static TlsOptions options(TlsMode mode) {
        return new TlsOptions(mode, false, false, null, null, null, null, null);
    }

    private static TlsUpgrade upgrade(TlsOptions options, String... configured) {
        return new TlsUpgrade(
                options, List.of(configured).stream().map(ServerAddress::parse).toList(), Runnable::run);
    }

    private static ServerInfo info(String offer) throws Exception {
        byte[] json = INFOS.get(offer).getBytes(UTF_8);
        return ServerInfo.parse(json, 0, json.length);
    }

    @ParameterizedTest
    @CsvSource({
        "OFF, none, false",
        "OFF, available, false",
        "AUTOMATIC, none, false",
        "AUTOMATIC, available, false",
        "AUTOMATIC, required, true",
        "AVAILABLE, none, false",
        "AVAILABLE, available, true",
        "AVAILABLE, required, true",
        "REQUIRED, available, true",
        "REQUIRED, required, true",
    })
    void followsWhatServerAndOptionsSay(TlsMode mode, String offer, boolean due) throws Exception {
        assertThat(upgrade(options(mode)).isDue(PLAIN, info(offer))).isEqualTo(due);
    }

    @Test
    void refusesWhereServerAndOptionsDoNotAgree() {
        assertThatThrownBy(() -> upgrade(options(TlsMode.OFF)).isDue(PLAIN, info("required")))
                .isInstanceOfSatisfying(
                        NatsException.class,
                        e -> assertThat(e.status()).isEqualTo(NatsStatus.SECURE_CONNECTION_REQUIRED))
                .hasMessageContaining("tls=OFF");
        assertThatThrownBy(() -> upgrade(options(TlsMode.REQUIRED)).isDue(PLAIN, info("none")))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.SECURE_CONNECTION_WANTED))
                .hasMessageContaining("tls=REQUIRED");
    }

    @Test
    void aWebSocketIsEncryptedFirstOrNever() throws Exception {
        ServerAddress secure = ServerAddress.parse("wss://a");
        ServerAddress clear = ServerAddress.parse("ws://a");

        assertThat(upgrade(options(TlsMode.REQUIRED)).isFirst(secure)).isTrue();
        assertThat(upgrade(options(TlsMode.REQUIRED)).isFirst(PLAIN)).isFalse();
        assertThat(upgrade(options(TlsMode.AUTOMATIC)).isFirst(clear)).isFalse();
        for (String offer : INFOS.keySet()) {
            assertThat(upgrade(options(TlsMode.REQUIRED)).isDue(secure, info(offer)))
                    .isFalse();
            assertThat(upgrade(options(TlsMode.AVAILABLE)).isDue(clear, info(offer)))
                    .isFalse();
        }
    }

    @Test
    void aTrustStoreKeepsTheClientFromGoingOnInTheClear() throws Exception {
        TlsOptions trusting =
                new TlsOptions(TlsMode.AUTOMATIC, false, false, null, Path.of("trust.p12"), null, null, null);

        assertThat(upgrade(trusting).isDue(PLAIN, info("available"))).isTrue();
        assertThatThrownBy(() -> upgrade(trusting).isDue(PLAIN, info("none"))).isInstanceOf(NatsException.class);
    }

    @Test
    void aDiscoveredAddressGoesByTheNameThatWasFirstProved() {
        TlsUpgrade upgrade = upgrade(TlsOptions.DEFAULTS, "cluster.example.org", "10.0.0.1");
        ServerAddress discovered = ServerAddress.parse("10.0.0.2:4222");
        assertThat(upgrade.nameOf(discovered)).isEqualTo("10.0.0.2");

        upgrade.onSecured(ServerAddress.parse("10.0.0.1"));
        assertThat(upgrade.nameOf(discovered)).isEqualTo("10.0.0.2");
        upgrade.onSecured(ServerAddress.parse("cluster.example.org"));
        upgrade.onSecured(ServerAddress.parse("other.example.org"));

        assertThat(upgrade.nameOf(discovered)).isEqualTo("cluster.example.org");
        assertThat(upgrade.nameOf(ServerAddress.parse("[fe80::1]"))).isEqualTo("cluster.example.org");
        assertThat(upgrade.nameOf(ServerAddress.parse("10.0.0.1:4223"))).isEqualTo("10.0.0.1");
        assertThat(upgrade.nameOf(ServerAddress.parse("n2.example.org"))).isEqualTo("n2.example.org");
    }

    @Test
    void verifiesTheHostNameUnlessToldNotTo() {
        assertThat(engine(TlsOptions.DEFAULTS).getSSLParameters().getEndpointIdentificationAlgorithm())
                .isEqualTo("HTTPS");
        TlsOptions anyName = new TlsOptions(TlsMode.REQUIRED, false, true, null, null, null, null, null);
        assertThat(engine(anyName).getSSLParameters().getEndpointIdentificationAlgorithm())
                .isNull();
    }

    private static SSLEngine engine(TlsOptions options) {
        CompletableFuture<SSLEngine> made = new CompletableFuture<>();
        upgrade(options)
                .makeEngine(
                        Runnable::run,
                        new ServerAddress("n1.example.org", 4222),
                        made::complete,
                        made::completeExceptionally);
        return made.join();
    }

    @Test
    void saysWhichStoreCannotBeRead() {
        TlsOptions missing =
                new TlsOptions(TlsMode.REQUIRED, false, false, null, Path.of("nowhere.p12"), "secret", null, null);
        CompletableFuture<Throwable> failed = new CompletableFuture<>();

        upgrade(missing).makeEngine(Runnable::run, new ServerAddress("a", 1), engine -> {}, failed::complete);

        assertThat(failed.join())
                .isInstanceOf(NatsException.class)
                .hasMessage("tlsTrustStore=nowhere.p12 is no file that can be read");
    }
}
