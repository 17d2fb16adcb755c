package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server does wrong is a clear error in time, or the end of one connection, and never a client that hangs. */
@NoLeaks
class BadServerIT {
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);
    /** For what comes on top of the attempts themselves on a loaded machine. */
    private static final Duration SLACK = Duration.ofMillis(1500);

    private static final Duration SOON = Duration.ofMillis(20);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .listener(events)
                .connectTimeout(CONNECT_TIMEOUT)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON);
    }

    static Stream<Arguments> handshakesGoneWrong() {
        return Stream.of(
                arguments("close before INFO", List.of(Step.close()), "instead of sending its INFO"),
                arguments("reset before INFO", List.of(Step.reset()), "reset"),
                arguments("close after INFO", List.of(Step.info(), Step.close()), "PONG"),
                arguments(
                        "close after CONNECT",
                        List.of(Step.info(), Step.expect("CONNECT"), Step.expect("PING"), Step.close()),
                        "instead of sending the PONG"),
                arguments("silence", List.of(), "timed out waiting for its INFO"),
                arguments("INFO, then silence", List.of(Step.info()), "timed out waiting for the PONG"),
                arguments(
                        "half an INFO",
                        List.of(Step.send("INFO {\"server_id\":\"x")),
                        "timed out waiting for its INFO"),
                arguments("HTTP", List.of(Step.send("HTTP/1.1 400 Bad Request\r\n\r\n")), "HTTP"),
                arguments("garbage", List.of(Step.send("\u0000\u0001\u0002 garbage\r\n")), "offset 0"),
                arguments(
                        "a message before INFO", List.of(Step.send("MSG a 1 2\r\nhi\r\n")), "MSG instead of its INFO"),
                arguments("a PING before INFO", List.of(Step.send("PING\r\n")), "PING instead of its INFO"),
                arguments("a PONG before INFO", List.of(Step.send("PONG\r\n")), "PONG instead of its INFO"),
                arguments("no JSON in INFO", List.of(Step.send("INFO nonsense\r\n")), "nonsense"),
                arguments("INFO that ends early", List.of(Step.send("INFO {\"max_payload\":12\r\n")), "text ends"),
                arguments(
                        "a max_payload that is text",
                        List.of(Step.info(Map.of("max_payload", "many")), Step.expect("CONNECT")),
                        "max_payload"),
                arguments("URLs that are a number", List.of(Step.info(Map.of("connect_urls", 7))), "connect_urls"),
                arguments(
                        "TLS wanted, then silence",
                        List.of(Step.info(Map.of("tls_required", true))),
                        "timed out waiting for the TLS handshake"),
                arguments(
                        "TLS wanted, then the end",
                        List.of(Step.info(Map.of("tls_required", true)), Step.close()),
                        "the TLS handshake"),
                arguments(
                        "-ERR during the handshake",
                        List.of(
                                Step.info(),
                                Step.expect("CONNECT"),
                                Step.send("-ERR 'maximum connections exceeded'\r\n"),
                                Step.close()),
                        "maximum connections exceeded"),
                arguments("-ERR instead of INFO", List.of(Step.send("-ERR 'go away'\r\n")), "go away"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("handshakesGoneWrong")
    void saysWhyItCouldNotConnect(String name, List<Step> script, String reason) {
        try (ScriptedServer bad = ScriptedServer.start(List.of(script));
                ScriptedServer refusing = ScriptedServer.start()) {
            refusing.stopListening();
            long startNs = System.nanoTime();

            assertThatThrownBy(() -> clients.connect(options(bad.url(), refusing.url())))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER))
                    .hasMessageContaining("no server could be connected to")
                    .hasMessageContaining(bad.url() + ": ")
                    .hasMessageContaining(reason)
                    .hasMessageContaining(refusing.url() + ": Connection refused");

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(CONNECT_TIMEOUT.plus(SLACK));
            assertThat(bad.connectionCount()).isEqualTo(1);
            bad.connection(0).awaitClientClose(Eventually.LONG);
            assertThat(events.kinds()).doesNotContain(Kind.CONNECTED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid", "256.256.256.256"})
    void saysThatAHostIsUnknown(String host) {
        long startNs = System.nanoTime();

        assertThatThrownBy(() -> clients.connect(options("nats://" + host + ":4222")))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER))
                .hasMessageContaining("nats://" + host + ":4222: ")
                // A resolver without a network may take longer than the attempt.
                .hasMessageMatching(".*(unknown host|timed out looking up host) " + host + ".*");

        assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(CONNECT_TIMEOUT.plus(SLACK));
    }

    @Test
    void connectsWhenInfoAndPingShareASegment() {
        try (ScriptedServer server = ScriptedServer.start(Step.send(info() + "PING\r\n"), Step.answerPings());
                NatsClient client = clients.connect(options(server.url()))) {
            client.flush(Eventually.LONG);

            List<String> lines = server.connection(0).lines();
            assertThat(lines.get(0)).startsWith("CONNECT {");
            assertThat(lines).containsOnlyOnce("PONG");
        }
    }

    private static String info() {
        return "INFO {\"server_id\":\"S\",\"version\":\"2.10.0\",\"max_payload\":1048576,\"headers\":true}\r\n";
    }

    @Test
    void connectsHoweverTheInfoIsCutIntoSegments() {
        byte[] info = info().getBytes(StandardCharsets.UTF_8);
        List<List<Step>> scripts = IntStream.range(1, info.length)
                .mapToObj(cut -> List.of(
                        Step.send(Arrays.copyOf(info, cut)),
                        Step.send(Arrays.copyOfRange(info, cut, info.length)),
                        Step.answerPings()))
                .toList();
        try (ScriptedServer server = ScriptedServer.start(scripts)) {
            for (int cut = 1; cut < info.length; cut++) {
                try (NatsClient client = clients.connect(options(server.url()))) {
                    client.flush(Eventually.LONG);
                }
            }
            assertThat(server.connectionCount()).isEqualTo(info.length - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MSG a 1 3000000000\r\n",
                "MSG a 1 99999999999999999999\r\n",
                "MSG a 1 -5\r\nhello\r\n",
                "MSG a one 5\r\nhello\r\n",
                "MSG a 5\r\nhello\r\n",
                "MSG a 1 5\r\nhelloXXPING\r\n",
                "HMSG a 1 100 5\r\nhello\r\n",
                "GARBAGE\r\n",
                "\r\n",
                "PONG\r\nPONG\r\nPONG\r\nPONG\r\n",
                "INFO {not json}\r\n",
                "INFO {\"max_payload\":\"x\"}\r\n",
                "HTTP/1.1 200 OK\r\n\r\n"
            })
    void endsAConnectionThatTalksNonsenseAndMakesAnother(String nonsense) throws IOException {
        Numbers received = new Numbers();
        try (ScriptedServer bad = ScriptedServer.start(Step.serve());
                NatsServer good = NatsServer.startDefault();
                NatsClient client =
                        clients.connect(options(bad.url(), good.url()).standbys(0))) {
            client.subscribe("n", message -> received.add(message.payload()));
            client.flush(Eventually.LONG);

            bad.connection(0).send(nonsense);

            Event lost = events.await(Kind.DISCONNECTED);
            assertThat(lost.url()).isEqualTo(bad.url());
            assertThat(lost.cause()).isNotNull().message().isNotBlank();
            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(good.url());
            bad.connection(0).awaitClientClose(Eventually.LONG);
            client.publish("n", Numbers.payload(1));
            Eventually.eventually("its own message", () -> received.has(1));
            assertThat(events.of(Kind.ERROR)).isEmpty();
        }
    }

    @Test
    void reportsAnErrorThatLeavesTheConnectionAlone() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(options(server.url()))) {
            client.flush(Eventually.LONG);

            server.connection(0).send("-ERR 'Permissions Violation for Publish to \"a\"'\r\n");

            assertThat(events.await(Kind.ERROR).cause())
                    .hasMessageContaining(server.url())
                    .hasMessageContaining("Permissions Violation for Publish to \"a\"");
            client.flush(Eventually.LONG);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.ERROR);
        }
    }

    @Test
    void passesOverAStandbyCandidateThatGoesSilent() {
        try (NatsServer first = NatsServer.startDefault();
                ScriptedServer silent = ScriptedServer.start(Step.info());
                NatsServer third = NatsServer.startDefault();
                NatsClient client = clients.connect(options(first.url(), silent.url(), third.url()))) {
            Eventually.eventually("a standby", client::isHotSwapAvailable);

            assertThat(silent.connectionCount()).isEqualTo(1);
            silent.connection(0).awaitClientClose(Eventually.LONG);
            assertThat(third.monitoring("/connz").path("num_connections").asInt())
                    .isEqualTo(1);
            client.flush(Eventually.LONG);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats://",
                "nats://:4222",
                "nats://host:port",
                "nats://host:0",
                "nats://host:65536",
                "http://host:80",
                "nats://a b:4222",
                "nats://user:s3cret@host:port",
                "nats://user:s3cret%@host:4222"
            })
    void refusesAnUrlThatIsNone(String url) {
        assertThatThrownBy(() -> options(url).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" URL")
                .hasMessageNotContaining("s3cret");
    }
}
