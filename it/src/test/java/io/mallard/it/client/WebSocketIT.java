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
import io.mallard.it.support.Authorization;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NkeyPair;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients over WebSockets, on each generation of the server; the raw sockets that judge them are on its other port. */
@NoLeaks
class WebSocketIT {
    private static final String CLIENT = "the duck";
    private static final String SECRET = "s3cr3t";
    private static final Duration SHORT = Duration.ofMillis(500);
    /** The most that a server takes, unless it is told. */
    private static final int MAX_PAYLOAD_BYTES = 1 << 20;

    /** Messages a second. */
    private static final int RATE = 4_000;

    private static final int PADDED_BYTES = 1_000;
    /** Ten times what may be in doubt, for a machine that has other things to do. */
    private static final Duration WIDEST = Duration.ofSeconds(1);

    @TempDir
    static Path directory;

    private static Certificates certificates;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates(directory)
                .authority("ca")
                .authority("other-ca")
                .issue("server", "ca", "dns:localhost,ip:127.0.0.1")
                .issue("elsewhere", "ca", "dns:elsewhere.example.org");
    }

    private static NatsServer start(NatsServerConfig.Builder config) {
        return NatsServer.start(config.build());
    }

    private static NatsServer startSecure(String certificate) throws Exception {
        return start(NatsServerConfig.builder().webSocket(certificates.server(certificate)));
    }

    private NatsOptions.Builder to(NatsServer server) {
        return NatsOptions.builder()
                .servers(server.webSocketUrl())
                .name(CLIENT)
                .standbys(0)
                .listener(events);
    }

    /** What kinds of connections the client has there, by the server's own account; its port for WebSockets has TLS or has not. */
    private static List<String> kinds(NatsServer server) {
        return StreamSupport.stream(
                        server.monitoring("/connz").path("connections").spliterator(), false)
                .filter(connection -> connection.path("name").asText().equals(CLIENT))
                .map(connection -> connection.path("type").asText())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void carriesMessagesOfAnySizeBothWays(String version) {
        List<byte[]> sent = new ArrayList<>();
        Random random = new Random(11);
        for (int bytes :
                new int[] {0, 1, 100, 125, 126, 127, 4_000, 65_535, 65_536, 65_537, 300_000, MAX_PAYLOAD_BYTES}) {
            byte[] payload = new byte[bytes];
            random.nextBytes(payload);
            sent.add(payload);
        }
        List<byte[]> out = Collections.synchronizedList(new ArrayList<>());
        List<byte[]> in = Collections.synchronizedList(new ArrayList<>());
        try (NatsServer server =
                        start(NatsServerConfig.builder().version(version).webSocket());
                RawNats far = Peers.receiver(server, "out", message -> out.add(message.payload()));
                RawNats responder = Peers.responder(server, "echo");
                NatsClient client = clients.connect(to(server))) {
            assertThat(kinds(server)).containsExactly("websocket");
            client.subscribe("in", message -> in.add(message.payload()));
            client.flush(Eventually.LONG);

            sent.forEach(payload -> client.publish("out", payload));
            sent.forEach(payload -> far.publish("in", payload));
            far.ping();
            for (byte[] payload : sent) {
                assertThat(client.request("echo", payload, Eventually.LONG).payload())
                        .isEqualTo(payload);
            }

            Eventually.eventually("all of them", () -> out.size() >= sent.size() && in.size() >= sent.size());
            assertThat(out).usingElementComparator(Arrays::compare).containsExactlyElementsOf(sent);
            assertThat(in).usingElementComparator(Arrays::compare).containsExactlyElementsOf(sent);
            assertThat(responder.isClosed()).isFalse();
        }
    }

    /** What the client relies on for its standbys; the addresses of the other port would be of no use to it. */
    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void aServerNamesWebSocketAddressesToWhoeverCameByOne(String version) {
        NatsServerConfig config = NatsServerConfig.builder()
                .version(version)
                .webSocket()
                .lameDuckGrace(Scenario.GRACE)
                .build();
        try (NatsCluster cluster = NatsCluster.start(2, config)) {
            String[] places = places(cluster.webSocketUrls());
            String[] plainPlaces = places(cluster.urls());
            try (RawNats webSocket = RawNats.connect(cluster.webSocketUrls().get(0), message -> {});
                    RawNats plain = RawNats.connect(cluster.urls().get(0), message -> {})) {
                Eventually.eventually(
                        "both servers in INFO",
                        () -> connectUrls(webSocket.info()).containsAll(List.of(places))
                                && connectUrls(plain.info()).containsAll(List.of(plainPlaces)));
                assertThat(connectUrls(webSocket.info())).containsExactlyInAnyOrder(places);
                assertThat(webSocket.info().has("ws_connect_urls")).isFalse();
                assertThat(connectUrls(plain.info())).containsExactlyInAnyOrder(plainPlaces);

                cluster.lameDuck(0);
                webSocket.awaitLameDuck(Eventually.LONG);
                plain.awaitLameDuck(Eventually.LONG);

                assertThat(connectUrls(webSocket.info())).containsExactly(places[1]);
                assertThat(connectUrls(plain.info())).containsExactly(plainPlaces[1]);
            }
        }
    }

    private static String[] places(List<String> urls) {
        return urls.stream().map(url -> url.substring(url.indexOf("://") + 3)).toArray(String[]::new);
    }

    private static List<String> connectUrls(JsonNode info) {
        return StreamSupport.stream(info.path("connect_urls").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** It is told of one server, and finds the others. */
    @ParameterizedTest
    @CsvSource({"2.9, false", "2.10, true", "newest, false", "newest, true"})
    void leavesALameServerAndLosesRepeatsAndReordersNothing(String version, boolean secure) throws Exception {
        NatsServerConfig.Builder config =
                NatsServerConfig.builder().version(version).lameDuckGrace(Scenario.GRACE);
        NatsServerConfig template = secure
                ? config.webSocket(certificates.server("server")).build()
                : config.webSocket().build();
        try (Scenario scenario = new Scenario(clients, NatsCluster.start(3, template))) {
            String url = scenario.cluster.webSocketUrls().get(0);
            Publisher out = scenario.history.publisher("client");
            Publisher in = scenario.history.publisher("far");
            Receiver far = scenario.history.receiver("node 2", out);
            Receiver own = scenario.history.receiver("client", in);
            Requests requests = scenario.history.requests("requests");
            scenario.receive(2, "out", far);
            scenario.respond(2, "r", requests);
            NatsOptions.Builder options = scenario.options().servers(url).name(CLIENT);
            NatsClient client =
                    scenario.connect(secure ? options.tlsTrustStore(certificates.trust("ca"), PASSWORD) : options);
            assertThat(kinds(scenario.cluster.server(0))).containsExactly("websocket");
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
            assertThat(kinds(scenario.cluster.server(1))).containsExactly("websocket");
            assertThat(kinds(scenario.cluster.server(2))).containsExactly("websocket");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void comesBackToAServerThatWasKilled(boolean secure) throws Exception {
        Numbers received = new Numbers();
        try (NatsServer server = secure
                        ? startSecure("server")
                        : start(NatsServerConfig.builder().webSocket());
                NatsClient client = clients.connect(
                        secure ? to(server).tlsTrustStore(certificates.trust("ca"), PASSWORD) : to(server))) {
            client.subscribe("k", message -> received.add(message.payload()));
            client.publish("k", Numbers.payload(1));
            Eventually.eventually("the first", () -> received.has(1));

            server.kill();
            events.await(Kind.DISCONNECTED);
            server.restart();
            events.await(Kind.RECONNECTED);
            for (int i = 2; i <= 1_000; i++) {
                client.publish("k", Numbers.payload(i));
            }

            Eventually.eventually("the others", () -> received.count() == 1_000);
            assertThat(received.missing(1_000)).isEmpty();
            assertThat(received.received()).isSorted();
        }
    }

    /** Sockets and buffers are full for most of the time. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsTheOrderOfABurstBothWays(boolean secure) throws Exception {
        int last = 50_000;
        Numbers out = new Numbers();
        Numbers in = new Numbers();
        try (NatsServer server = secure
                        ? startSecure("server")
                        : start(NatsServerConfig.builder().webSocket());
                RawNats far = Peers.receiver(server, "out", message -> out.add(Numbers.unpadded(message.payload())));
                NatsClient client = clients.connect(
                        secure ? to(server).tlsTrustStore(certificates.trust("ca"), PASSWORD) : to(server))) {
            client.subscribe("in", message -> in.add(Numbers.unpadded(message.payload())));
            client.flush(Eventually.LONG);
            for (int i = 1; i <= last; i++) {
                client.publish("out", Numbers.padded(i, PADDED_BYTES));
                far.publish("in", Numbers.padded(i, PADDED_BYTES));
            }
            client.flush(Eventually.LONG);
            far.ping();

            Eventually.eventually("the last ones", () -> out.has(last) && in.has(last));
            assertThat(out.missing(last)).isEmpty();
            assertThat(out.received()).isSorted().hasSize(last);
            assertThat(in.missing(last)).isEmpty();
            assertThat(in.received()).isSorted().hasSize(last);
        }
    }

    @Test
    void aKilledServerTakesNoMorePublishesAlongThanAreReported() throws Exception {
        DoubtJudge judge = new DoubtJudge();
        Numbers received = new Numbers();
        try (Scenario scenario = new Scenario(
                clients,
                NatsCluster.start(3, NatsServerConfig.builder().webSocket().build()))) {
            RawNats receiver = scenario.socket(2, message -> received.add(message.payload()));
            receiver.subscribe("k", 1);
            receiver.ping();
            NatsClient client = scenario.connect(
                    scenario.options().servers(scenario.cluster.webSocketUrls().get(0)));
            try (Load load = Load.start(2, RATE, number -> {
                client.publish("k", Numbers.payload(number));
                judge.accepted(number, System.nanoTime());
            })) {
                Eventually.eventually("a second of load to arrive", () -> received.count() > RATE);

                long killedNs = System.nanoTime();
                scenario.cluster.kill(0);
                long inDoubt = scenario.events.await(Kind.DISCONNECTED).inDoubt();
                scenario.events.await(Kind.RECONNECTED);
                load.awaitMore(1_000);
                long published = load.stop();
                client.flush(Scenario.TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat(judge.findings(received, inDoubt, killedNs - WIDEST.toNanos(), killedNs))
                        .isEmpty();
                assertThat(received.duplicates()).isZero();
                assertThat(client.connectedUrl())
                        .hasValueSatisfying(url ->
                                assertThat(scenario.cluster.webSocketUrls()).contains(url));
            }
        }
    }

    @Test
    void saysWhoItIs() {
        NkeyPair key = NkeyPair.generate(NkeyPair.Owner.USER);
        NatsServerConfig.Builder config = NatsServerConfig.builder().webSocket();
        try (NatsServer server = start(config.user("duck", SECRET))) {
            assertAccepted(to(server).user("duck", SECRET));
            assertAccepted(to(server).servers(server.webSocketUrl().replace("://", "://duck:" + SECRET + "@")));
            assertRefused(to(server).user("duck", "wrong")).hasMessageContaining("Authorization Violation");
        }
        try (NatsServer server = start(config.token(SECRET))) {
            assertAccepted(to(server).token(SECRET));
            assertRefused(to(server)).hasMessageContaining("Authorization Violation");
        }
        try (NatsServer server = start(config.authorization(new Authorization.Nkeys(List.of(key.publicKey()))))) {
            assertAccepted(to(server).nkeySeed(key.seed().toCharArray()));
            assertRefused(to(server)).hasMessageContaining("Authorization Violation");
        }
    }

    private void assertAccepted(NatsOptions.Builder options) {
        try (NatsClient client = clients.connect(options)) {
            client.flush(Eventually.LONG);
        }
    }

    private AbstractThrowableAssert<?, ?> assertRefused(NatsOptions.Builder options) {
        return assertThatThrownBy(() -> clients.connect(options).close())
                .isInstanceOf(NatsException.class)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void refusesACertificateThatIsNotTrustedOrForAnotherHost() throws Exception {
        Path trust = certificates.trust("ca");
        try (NatsServer server = startSecure("server")) {
            assertRefused(to(server)).hasMessageContaining("is of no authority that is trusted here");
            assertRefused(to(server).tlsTrustStore(certificates.trust("other-ca"), PASSWORD))
                    .hasMessageContaining("is of no authority that is trusted here");
            assertAccepted(to(server).tlsTrustStore(trust, PASSWORD));
        }
        try (NatsServer server = startSecure("elsewhere")) {
            assertRefused(to(server).tlsTrustStore(trust, PASSWORD))
                    .hasMessageContaining("the server's certificate is not for 127.0.0.1");
        }
    }

    @Test
    void saysWhatIsThereInsteadOfWhatItsUrlSays() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                NatsServer plain = start(NatsServerConfig.builder().webSocket());
                NatsServer secure = startSecure("server")) {
            assertRefused(to(plain).servers("ws://127.0.0.1:" + plain.port()).connectTimeout(SHORT))
                    .hasMessageContaining("no WebSocket: that is no HTTP: \"INFO {");
            assertRefused(to(plain)
                            .servers("nats://127.0.0.1:" + plain.webSocketPort())
                            .connectTimeout(SHORT))
                    .hasMessageContaining("timed out waiting for its INFO");
            assertRefused(to(plain)
                            .servers("wss://127.0.0.1:" + plain.webSocketPort())
                            .connectTimeout(SHORT))
                    .hasMessageContaining("TLS");
            assertRefused(to(secure)
                            .servers("ws://127.0.0.1:" + secure.webSocketPort())
                            .connectTimeout(SHORT))
                    .hasMessageContaining("no WebSocket: ");
            assertRefused(to(plain)
                            .servers("ws://127.0.0.1:" + silent.getLocalPort())
                            .connectTimeout(SHORT))
                    .hasMessageContaining("timed out waiting for its answer to the request for a WebSocket");
        }
    }

    /** A server has nothing against a path; a web server in front of it may want one. */
    @Test
    void asksForThePathOfItsUrl() {
        try (NatsServer server = start(NatsServerConfig.builder().webSocket())) {
            assertAccepted(to(server).servers(server.webSocketUrl() + "/nats/here?or=there"));
        }
    }
}
