package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.HandoverReport;
import io.mallard.Headers;
import io.mallard.Headers.Entry;
import io.mallard.HotSwapClient;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers on their way through real servers, judged by raw sockets. */
@NoLeaks
class HeadersIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long PROBE = 0;
    private static final int MAX_PAYLOAD = 1 << 20;
    private static final byte[] PAYLOAD = "quack".getBytes(UTF_8);
    private static final Headers HEADERS =
            Headers.of("Trace-Id", "7f3a").with("trace-id", "").with("Trace-Id", "größe: 日本");
    private static final String BLOCK = "NATS/1.0\r\nTrace-Id: 7f3a\r\ntrace-id: \r\nTrace-Id: größe: 日本\r\n\r\n";

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @Test
    void areOnTheWireAsTheyWereGiven() throws Exception {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        try (RawNats receiver = Peers.receiver(server, "h.>", received::add);
                NatsClient client = clients.connect(server.url())) {
            client.publish("h.plain", HEADERS, PAYLOAD);
            client.publish("h.reply", "back.to.me", HEADERS, PAYLOAD);
            client.publish("h.none", Headers.NONE, PAYLOAD);
            client.publish("h.empty", HEADERS, new byte[0]);
            assertThat(client.tryPublish("h.tried", HEADERS, PAYLOAD)).isEqualTo(NatsStatus.OK);
            client.publish("h.heap", HEADERS, ByteBuffer.wrap(PAYLOAD));
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(PAYLOAD.length).put(PAYLOAD).flip();
            client.publish("h.direct", HEADERS, direct);

            assertNext(received, "h.plain", null, BLOCK, "quack");
            assertNext(received, "h.reply", "back.to.me", BLOCK, "quack");
            assertNext(received, "h.none", null, "", "quack");
            assertNext(received, "h.empty", null, BLOCK, "");
            for (String subject : List.of("h.tried", "h.heap", "h.direct")) {
                assertNext(received, subject, null, BLOCK, "quack");
            }
            assertThat(direct.remaining()).isEqualTo(PAYLOAD.length);
            assertThat(receiver.errors()).isEmpty();
        }
    }

    private static void assertNext(
            BlockingQueue<RawMessage> received, String subject, String reply, String headers, String payload)
            throws InterruptedException {
        RawMessage message = next(received);
        assertThat(message.subject()).isEqualTo(subject);
        assertThat(message.reply()).isEqualTo(reply);
        assertThat(new String(message.headers(), UTF_8)).isEqualTo(headers);
        assertThat(new String(message.payload(), UTF_8)).isEqualTo(payload);
    }

    private static <T> T next(BlockingQueue<T> received) throws InterruptedException {
        T message = received.poll(Eventually.LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a further message").isNotNull();
        return message;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NATS/1.0\r\nK: é\r\n\r\n",
                "NATS/1.0\r\nno colon\r\nK: é\r\n\r\n",
                "NATS/1.0\r\n: no name\r\nK: é\r\n\r\n",
                "NATS/1.0\r\nspace in name: 1\r\nK: é\r\n\r\n",
                "NATS/1.0\r\nK: é\r\n",
                "NATS/1.0\r\nK:é",
                "NATS/1.0 abc\r\nK: é\r\n\r\n",
                "NATS/1.1\r\nK: é\r\n\r\n",
                "garbage\nK: é\n\n",
                "NATS/1.0 503 No Responders\r\nK: é\r\n\r\n"
            })
    void ofAPeerAreDataWhateverTheyAre(String block) throws Exception {
        Events events = new Events();
        BlockingQueue<NatsMessage> received = new LinkedBlockingQueue<>();
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(server.url()).standbys(0).listener(events))) {
            client.subscribe("odd", received::add);
            client.flush(TIMEOUT);

            peer.publish("odd", null, block.getBytes(UTF_8), PAYLOAD);
            peer.publish("odd", PAYLOAD);
            peer.ping();

            NatsMessage odd = next(received);
            assertThat(odd.payload()).isEqualTo(PAYLOAD);
            assertThat(odd.headers().entries()).containsExactly(new Entry("K", "é"));
            assertThat(next(received).headers()).isSameAs(Headers.NONE);
            assertThat(events.kinds()).containsExactly(Events.Kind.CONNECTED);
        }
    }

    @Test
    void travelWithRequestsAndTheirAnswers() {
        try (NatsClient responder = clients.connect(server.url());
                NatsClient client = clients.connect(server.url())) {
            responder.subscribe(
                    "ask",
                    message -> message.respond(message.headers().with("Answered-By", "a duck"), message.payload()));
            responder.flush(TIMEOUT);

            NatsMessage answer = client.request("ask", HEADERS, PAYLOAD, TIMEOUT);
            NatsMessage later = clients.track(client.requestAsync("ask", HEADERS, PAYLOAD, TIMEOUT))
                    .join();

            for (NatsMessage reply : new NatsMessage[] {answer, later}) {
                assertThat(reply.payload()).isEqualTo(PAYLOAD);
                assertThat(reply.headers().entries())
                        .isEqualTo(HEADERS.with("Answered-By", "a duck").entries());
            }
        }
    }

    @Test
    void sayThatNobodyListens() throws Exception {
        BlockingQueue<NatsMessage> received = new LinkedBlockingQueue<>();
        try (NatsClient client = clients.connect(server.url())) {
            client.subscribe("answers", received::add);

            client.publish("nobody", "answers", HEADERS, PAYLOAD);

            assertThat(next(received).headers().status()).isEqualTo(503);
            assertThatThrownBy(() -> client.request("nobody", HEADERS, PAYLOAD, TIMEOUT))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_RESPONDERS));
        }
    }

    @Test
    void countForWhatTheServerTakesAtMost() throws Exception {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        byte[] largest = new byte[MAX_PAYLOAD - BLOCK.getBytes(UTF_8).length];
        byte[] tooLarge = new byte[largest.length + 1];
        try (RawNats receiver = Peers.receiver(server, "h.large", received::add);
                NatsClient client = clients.connect(server.url())) {
            assertTooLarge(() -> client.publish("h.large", HEADERS, tooLarge));
            assertTooLarge(() -> client.request("h.large", HEADERS, tooLarge, TIMEOUT));
            assertTooLarge(() -> clients.track(client.requestAsync("h.large", HEADERS, tooLarge, TIMEOUT))
                    .join());
            client.publish("h.large", HEADERS, largest);

            assertThat(next(received).payload()).hasSize(largest.length);
            client.flush(TIMEOUT);
            assertThat(received).isEmpty();
            assertThat(receiver.errors()).isEmpty();
        }
    }

    private static void assertTooLarge(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.MAX_PAYLOAD))
                .hasMessageContaining("with headers of");
    }

    @Test
    void areRefusedWhereTheServerKnowsNone() {
        try (ScriptedServer old = ScriptedServer.start(Step.serve(Map.of("headers", false)));
                NatsClient client = clients.connect(old.url())) {
            assertUnsupported(() -> client.publish("a", HEADERS, PAYLOAD));
            assertUnsupported(() -> client.request("a", HEADERS, PAYLOAD, TIMEOUT));

            client.publish("a", Headers.NONE, PAYLOAD);
            client.flush(TIMEOUT);

            assertThat(old.connection(0).lines())
                    .contains("PUB a 5")
                    .noneMatch(line -> line.startsWith("HPUB"))
                    .noneMatch(line -> line.startsWith("PUB a _INBOX"));
        }
    }

    private static void assertUnsupported(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER_SUPPORT))
                .hasMessageContaining("the server takes no headers");
    }

    @Test
    void travelThroughTheStandbyToo() throws Exception {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        try (Scenario scenario = new Scenario(clients, 2);
                RawNats receiver = Peers.receiver(scenario.cluster.server(1), "h.>", received::add)) {
            NatsClient client = scenario.connect();
            HotSwapClient view = client.hotSwapClient().orElseThrow();
            client.subscribe("q.echo", message -> message.respond(message.headers(), message.payload()));
            scenario.awaitResponder(scenario.bystander(1), "q.echo");

            view.publish("h.view", HEADERS, PAYLOAD);
            NatsMessage answer = view.request("q.echo", HEADERS, PAYLOAD, TIMEOUT);

            assertNext(received, "h.view", null, BLOCK, "quack");
            assertThat(answer.headers().entries()).isEqualTo(HEADERS.entries());
            assertThat(receiver.errors()).isEmpty();
        }
    }

    /** All payloads are the same: it is by their headers that messages are told apart, by the client too. */
    @Test
    void moveWithTheirMessagesWhenAServerLeaves() {
        Numbers delivered = new Numbers();
        Numbers published = new Numbers();
        Numbers answered = new Numbers();
        try (Scenario scenario = new Scenario(clients, 3)) {
            NatsClient client = scenario.connect();
            client.subscribe("h.in", message -> delivered.add(number(message.headers())));
            NatsClient responder = scenario.bystander(2);
            responder.subscribe("h.ask", message -> message.respond(message.headers(), message.payload()));
            RawNats sender = scenario.socket(2, message -> {});
            RawNats receiver = scenario.socket(2, message -> published.add(number(message.headers())));
            receiver.subscribe("h.out", 1);
            receiver.ping();
            scenario.awaitResponder(client, "h.ask");
            Eventually.eventually("both ways", () -> {
                sender.publish("h.in", null, block(PROBE), PAYLOAD);
                sender.ping();
                client.publish("h.out", numbered(PROBE), PAYLOAD);
                return delivered.count() > 0 && published.count() > 0;
            });
            try (Load in = Load.start(1, 500, number -> {
                        sender.publish("h.in", null, block(number), PAYLOAD);
                        sender.flush();
                    });
                    Load out = Load.start(1, 500, number -> client.publish("h.out", numbered(number), PAYLOAD));
                    Load ask = Load.start(
                            2,
                            200,
                            number -> answered.add(number(client.request("h.ask", numbered(number), PAYLOAD, TIMEOUT)
                                    .headers())))) {
                ask.awaitMore(50);

                HandoverReport report = scenario.leave(0, client);

                ask.awaitMore(50);
                assertThat(report.isExact()).as("%s", report).isTrue();
                assertOnceEach(delivered, in);
                assertOnceEach(published, out);
                assertOnceEach(answered, ask);
                assertThat(delivered.received().stream().filter(number -> number != PROBE))
                        .isSorted();
                assertThat(published.received()).isSorted();
            }
        }
    }

    private static void assertOnceEach(Numbers received, Load load) {
        long last = load.stop();
        assertThat(load.failures()).isEmpty();
        Eventually.eventually("the last message", () -> received.has(last));
        assertThat(received.missing(last)).isEmpty();
        assertThat(received.received().stream().filter(number -> number != PROBE))
                .doesNotHaveDuplicates();
    }

    private static Headers numbered(long number) {
        return Headers.of("Number", Long.toString(number));
    }

    private static byte[] block(long number) {
        return ("NATS/1.0\r\nNumber: " + number + "\r\n\r\n").getBytes(UTF_8);
    }

    private static byte[] number(Headers headers) {
        return Objects.requireNonNull(headers.first("Number")).getBytes(UTF_8);
    }

    private static byte[] number(byte[] block) {
        return new String(block, UTF_8)
                .replaceAll("(?s).*Number: ([0-9]+)\r\n.*", "$1")
                .getBytes(UTF_8);
    }
}
