package io.mallard.it.client;

import static io.mallard.it.support.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.HttpProxy;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.SocksProxy;
import io.mallard.it.support.TunnelProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that reach their servers through a proxy alone; servers say of each connection from which port it came. */
@NoLeaks
class ProxyIT {
    private static final String CLIENT = "the duck";
    private static final String SECRET = "s3cr3t";
    private static final Duration SHORT = Duration.ofMillis(500);

    /** The proxies that the client knows. */
    enum Way {
        HTTP,
        SOCKS;

        TunnelProxy open() {
            return this == HTTP ? HttpProxy.open() : SocksProxy.open();
        }

        TunnelProxy open(String user, String password) {
            return this == HTTP ? HttpProxy.open(user, password) : SocksProxy.open(user, password);
        }

        /** What the proxy says when it is told to refuse. */
        int refusal() {
            return this == HTTP ? 403 : 2;
        }

        String refused() {
            return this == HTTP ? "\"HTTP/1.1 403 Refused\"" : "not allowed by its rules";
        }

        String unreachable() {
            return this == HTTP ? "\"HTTP/1.1 502 Refused\"" : "connection refused";
        }
    }

    @TempDir
    static Path directory;

    private static Certificates certificates;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates(directory).authority("ca").issue("server", "ca", "dns:n1.pond.invalid");
    }

    private NatsOptions.Builder through(TunnelProxy proxy, NatsServer server) {
        return NatsOptions.builder()
                .servers(server.url())
                .proxy(proxy.url())
                .name(CLIENT)
                .standbys(0)
                .connectTimeout(Duration.ofSeconds(2))
                .reconnectFirstDelay(Duration.ofMillis(20))
                .reconnectMaxDelay(Duration.ofMillis(20))
                .listener(events);
    }

    private AbstractThrowableAssert<?, ?> assertRefused(NatsOptions.Builder options) {
        return assertThatThrownBy(() -> clients.connect(options).close())
                .isInstanceOf(NatsException.class)
                .hasMessageNotContaining(SECRET);
    }

    private static String blamed(TunnelProxy proxy) {
        return "proxy 127.0.0.1:" + proxy.port() + ": ";
    }

    /** From which ports the client has come, ever. */
    private static List<Integer> ports(NatsServer server) {
        List<Integer> ports = new ArrayList<>();
        for (JsonNode connection : server.monitoring("/connz?state=all").path("connections")) {
            if (connection.path("name").asText().equals(CLIENT)) {
                ports.add(connection.path("port").asInt());
            }
        }
        return ports;
    }

    /** The first connection, the standby, what takes over and its standby: all by the proxy, which alone knows the name of the server. */
    @ParameterizedTest
    @CsvSource({"HTTP, nats", "SOCKS, ws", "HTTP, wss", "SOCKS, tls"})
    void leavesALameServerAndLosesRepeatsAndReordersNothing(Way way, String scheme) throws Exception {
        NatsServerConfig.Builder config = NatsServerConfig.builder().lameDuckGrace(Scenario.GRACE);
        switch (scheme) {
            case "ws" -> config.webSocket();
            case "wss" -> config.webSocket(certificates.server("server"));
            case "tls" -> config.tls(certificates.server("server").withPlainAllowed());
            default -> {}
        }
        try (TunnelProxy proxy = way.open("anna", SECRET);
                Scenario scenario = new Scenario(clients, NatsCluster.start(3, config.build()))) {
            NatsServer first = scenario.cluster.server(0);
            int port = scheme.startsWith("ws") ? first.webSocketPort() : first.port();
            String url = (scheme.equals("tls") ? "nats" : scheme) + "://n1.pond.invalid:" + port;
            Publisher out = scenario.history.publisher("client");
            Publisher in = scenario.history.publisher("far");
            Receiver far = scenario.history.receiver("node 2", out);
            Receiver own = scenario.history.receiver("client", in);
            Requests requests = scenario.history.requests("requests");
            scenario.receive(2, "out", far);
            scenario.respond(2, "r", requests);
            NatsOptions.Builder options = scenario.options()
                    .servers(scheme + "://n1.pond.invalid:" + port)
                    .proxy(proxy.url("anna", SECRET))
                    .name(CLIENT);
            NatsClient client = scenario.connect(
                    List.of("tls", "wss").contains(scheme)
                            ? options.tlsTrustStore(certificates.trust("ca"), PASSWORD)
                            : options);
            assertThat(proxy.asked()).first().isEqualTo("n1.pond.invalid:" + port);
            client.subscribe("in", scenario.to(own));
            RawNats farSocket = scenario.socket(2, message -> {});
            scenario.awaitInterest(farSocket, "in", 1);
            Load published = scenario.publish(client, "out", out, 2_000);
            Load received = scenario.publish(farSocket, "in", in, 2_000);
            Load asked = scenario.request(client, "r", requests, 4, 500);
            asked.awaitMore(100);

            HandoverReport report = scenario.leave(0, client, url);

            asked.awaitMore(100);
            scenario.finish(asked);
            scenario.finish(published, far);
            scenario.finish(received, own);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(client.metrics().handovers()).isEqualTo(1);
            assertThat(client.metrics().reconnects()).isZero();
            assertThat(client.metrics().publishesInDoubt()).isZero();
            Eventually.eventually("another standby", client::isHotSwapAvailable);
            for (NatsServer server : scenario.cluster.servers()) {
                assertThat(ports(server)).isNotEmpty().isSubsetOf(proxy.tunnelPorts());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void comesBackByTheProxyWhenTheServerWasKilledAndWhenItsTunnelWasCut(Way way) {
        Numbers received = new Numbers();
        try (TunnelProxy proxy = way.open();
                NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(through(proxy, server))) {
            client.subscribe("k", message -> received.add(message.payload()));

            server.kill();
            events.await(Kind.DISCONNECTED);
            server.restart();
            events.await(Kind.RECONNECTED);
            awaitDelivery(client, received, 1, 100);

            assertThat(proxy.cut()).isPositive();
            events.await(Kind.RECONNECTED, 1);
            awaitDelivery(client, received, 101, 200);

            assertThat(received.received()).isSorted().hasSize(200);
            assertThat(ports(server)).isNotEmpty().isSubsetOf(proxy.tunnelPorts());
            // Whoever goes past the proxy would be seen.
            try (NatsClient direct = clients.connect(
                    NatsOptions.builder().servers(server.url()).name(CLIENT).standbys(0))) {
                direct.flush(Eventually.LONG);
                assertThat(proxy.tunnelPorts().containsAll(ports(server))).isFalse();
            }
        }
    }

    private static void awaitDelivery(NatsClient client, Numbers received, int from, int to) {
        for (int i = from; i <= to; i++) {
            client.publish("k", Numbers.payload(i));
        }
        Eventually.eventually("all up to " + to, () -> received.count() >= to);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void saysWhatTheProxyHasAgainstIt(Way way) {
        try (NatsServer server = NatsServer.startDefault();
                TunnelProxy guarded = way.open("anna", SECRET);
                TunnelProxy proxy = way.open()) {
            assertRefused(through(guarded, server))
                    .hasMessageContaining(blamed(guarded) + "it wants user and password, which its URL has not");
            assertRefused(through(guarded, server).proxy(guarded.url("anna", "wrong")))
                    .hasMessageContaining(blamed(guarded) + "it refuses user and password");
            assertThat(guarded.tunnelCount()).isZero();

            proxy.refuse(way.refusal());
            assertRefused(through(proxy, server))
                    .hasMessageContaining(
                            blamed(proxy) + "it does not connect to 127.0.0.1:" + server.port() + ": " + way.refused());
            proxy.dieWhenAsked();
            assertRefused(through(proxy, server))
                    .hasMessageContaining(blamed(proxy) + "the other side closed the connection instead of answering");
            proxy.beSilent();
            assertRefused(through(proxy, server).connectTimeout(SHORT))
                    .hasMessageContaining(blamed(proxy) + "timed out waiting for its answer");
            assertThat(proxy.tunnelCount()).isZero();

            proxy.serve();
            server.kill();
            server.awaitExit(Eventually.LONG);
            assertRefused(through(proxy, server))
                    .hasMessageContaining(blamed(proxy) + "it does not connect to 127.0.0.1:" + server.port() + ": "
                            + way.unreachable());
            proxy.stop();
            assertRefused(through(proxy, server)).hasMessageContaining(blamed(proxy) + "Connection refused");
        }
    }

    @Test
    void saysThatThereIsNoSuchProxy() {
        try (NatsServer server = NatsServer.startDefault();
                HttpProxy http = HttpProxy.open();
                SocksProxy socks = SocksProxy.open()) {
            assertRefused(through(http, server).proxy("http://127.0.0.1:" + server.port()))
                    .hasMessageContaining("proxy 127.0.0.1:" + server.port() + ": that is no HTTP: \"INFO {");
            assertRefused(through(http, server).proxy("socks5://127.0.0.1:" + server.port()))
                    .hasMessageContaining("proxy 127.0.0.1:" + server.port() + ": that is no SOCKS proxy: version 73");
            assertRefused(through(http, server)
                            .proxy("socks5://127.0.0.1:" + http.port())
                            .connectTimeout(SHORT))
                    .hasMessageContaining(blamed(http));
            assertRefused(through(http, server)
                            .proxy("http://127.0.0.1:" + socks.port())
                            .connectTimeout(SHORT))
                    .hasMessageContaining(blamed(socks));
            assertRefused(through(http, server).proxy("http://nobody.invalid:1"))
                    .hasMessageContaining("proxy nobody.invalid:1: unknown host nobody.invalid");
        }
    }

    /** Whatever the proxy does meanwhile, and however long. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void goesOnWhenTheProxyDoes(Way way) {
        Numbers received = new Numbers();
        try (ClientLog log = ClientLog.open();
                NatsServer server = NatsServer.startDefault();
                TunnelProxy proxy = way.open();
                NatsClient client = clients.connect(through(proxy, server).connectTimeout(SHORT))) {
            client.subscribe("k", message -> received.add(message.payload()));

            proxy.stop();
            events.await(Kind.DISCONNECTED);
            awaitLine(log, blamed(proxy) + "Connection refused");
            proxy.start();
            events.await(Kind.RECONNECTED);
            awaitDelivery(client, received, 1, 100);

            proxy.refuse(way.refusal());
            assertThat(proxy.cut()).isPositive();
            awaitLine(log, blamed(proxy) + "it does not connect to");
            proxy.beSilent();
            awaitLine(log, blamed(proxy) + "timed out waiting for its answer");
            proxy.serve();
            events.await(Kind.RECONNECTED, 1);
            awaitDelivery(client, received, 101, 200);

            assertThat(received.received()).isSorted().hasSize(200);
        }
    }

    private static void awaitLine(ClientLog log, String text) {
        Eventually.eventually("a line with " + text, () -> log.lines().stream().anyMatch(line -> line.contains(text)));
    }

    @Test
    void waitsForAProxyThatIsNotThereYet() {
        try (NatsServer server = NatsServer.startDefault();
                HttpProxy proxy = HttpProxy.open()) {
            proxy.stop();
            try (NatsClient client = clients.connect(through(proxy, server).retryOnInitialConnect(true))) {
                proxy.start();
                events.await(Kind.CONNECTED);
                client.flush(Eventually.LONG);
            }
        }
    }
}
