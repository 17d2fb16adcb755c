package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions limited to a number of messages: what servers are told, and what they count themselves. */
@NoLeaks
class UnsubscribeAfterIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    private NatsOptions.Builder options(String url) {
        return NatsOptions.builder()
                .servers(url)
                .name("limited")
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    /** What a server says of the client's connections that are open. */
    private static List<JsonNode> connections(NatsServer of, String query) {
        List<JsonNode> own = new ArrayList<>();
        of.monitoring("/connz" + query).path("connections").forEach(connection -> {
            if (connection.path("name").asText().equals("limited")) {
                own.add(connection);
            }
        });
        return own;
    }

    private static void publish(RawNats peer, String subject, int first, int last) {
        IntStream.rangeClosed(first, last).forEach(i -> peer.publish(subject, Numbers.payload(i)));
        peer.ping();
    }

    private static Subscription subscribe(NatsClient client, String subject, String queue, Numbers received) {
        return queue.isEmpty()
                ? client.subscribe(subject, message -> received.add(message.payload()))
                : client.subscribe(subject, queue, message -> received.add(message.payload()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g"})
    void theServerSendsNoMoreThanThat(String queue) {
        Numbers received = new Numbers();
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options(server.url()))) {
            Subscription subscription = subscribe(client, "u", queue, received);
            subscription.unsubscribe(3);
            client.flush(TIMEOUT);

            publish(peer, "u", 1, 10);
            client.flush(TIMEOUT);

            Eventually.eventually("three", () -> received.count() == 3);
            assertThat(received.received()).containsExactly(1L, 2L, 3L);
            assertThat(subscription.isActive()).isFalse();
            assertThat(connections(server, ""))
                    .extracting(connection -> connection.path("out_msgs").asLong())
                    .as("by the server's own count, over connection and standby")
                    .contains(3L)
                    .allMatch(count -> count <= 3);
        }
    }

    @Test
    void oneThatHasHadAsManyAlreadyEndsAtOnce() {
        Numbers received = new Numbers();
        try (RawNats peer = RawNats.connect(server.url(), message -> {});
                NatsClient client = clients.connect(options(server.url()))) {
            Subscription subscription = subscribe(client, "u", "", received);
            client.flush(TIMEOUT);
            publish(peer, "u", 1, 5);
            Eventually.eventually("five", () -> received.count() == 5);

            subscription.unsubscribe(5);

            assertThat(subscription.isActive()).isFalse();
            client.flush(TIMEOUT);
            assertThat(server.monitoring("/subsz?subs=true").toString()).doesNotContain("\"u\"");
        }
    }

    /** The wire as a raw socket sees it. */
    @ParameterizedTest
    @ValueSource(strings = {"", " g"})
    void theNextServerIsToldWhatIsLeft(String queue) throws Exception {
        Numbers received = new Numbers();
        try (ScriptedServer scripted = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(options(scripted.url()).standbys(0))) {
            Subscription subscription = subscribe(client, "u", queue.strip(), received);
            subscription.unsubscribe(5);
            client.flush(TIMEOUT);
            assertThat(linesOf(scripted, 0)).containsExactly("SUB u" + queue + " 2", "UNSUB 2 5");
            scripted.connection(0).send("MSG u 2 1\r\n1\r\nMSG u 2 1\r\n2\r\n");
            Eventually.eventually("two", () -> received.count() == 2);

            scripted.connection(0).close();

            scripted.awaitConnection(1, TIMEOUT).awaitLine("UNSUB 2", TIMEOUT);
            assertThat(linesOf(scripted, 1)).containsExactly("SUB u" + queue + " 2", "UNSUB 2 3");
            scripted.connection(1).send("MSG u 2 1\r\n3\r\n");
            Eventually.eventually("the third", () -> received.count() == 3);
            subscription.unsubscribe(4);
            scripted.connection(1).awaitLine("UNSUB 2 2", TIMEOUT);
            scripted.connection(1).close();
            scripted.awaitConnection(2, TIMEOUT).awaitLine("UNSUB 2", TIMEOUT);
            assertThat(linesOf(scripted, 2)).containsExactly("SUB u" + queue + " 2", "UNSUB 2 1");
            scripted.connection(2).send("MSG u 2 1\r\n4\r\nMSG u 2 1\r\n5\r\n");
            Eventually.eventually("the end", () -> !subscription.isActive());
            client.flush(TIMEOUT);
            assertThat(received.received()).containsExactly(1L, 2L, 3L, 4L);
        }
    }

    /** About the one subscription; the inbox has sid 1. */
    private static List<String> linesOf(ScriptedServer scripted, int connection) {
        return scripted.connection(connection).lines().stream()
                .filter(line -> line.startsWith("SUB u") || line.startsWith("UNSUB 2"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g"})
    void itGetsThatManyInAllOverAServerThatDiesAndComesBack(String queue) {
        Numbers received = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole.url()))) {
            Subscription subscription = subscribe(client, "u", queue, received);
            subscription.unsubscribe(100);
            client.flush(TIMEOUT);
            try (RawNats peer = RawNats.connect(sole.server.url(), message -> {})) {
                publish(peer, "u", 1, 40);
            }
            Eventually.eventually("the first ones", () -> received.count() == 40);
            sole.die();
            events.await(Kind.DISCONNECTED);

            sole.comeBack();
            sole.openWay();
            events.await(Kind.RECONNECTED);
            client.flush(TIMEOUT);
            try (RawNats peer = RawNats.connect(sole.server.url(), message -> {})) {
                publish(peer, "u", 41, 200);
            }

            Eventually.eventually("the rest", () -> received.count() == 100);
            client.flush(TIMEOUT);
            assertThat(received.missing(100)).isEmpty();
            assertThat(received.count()).isEqualTo(100);
            assertThat(connections(sole.server, ""))
                    .extracting(connection -> connection.path("out_msgs").asLong())
                    .as("by the server's own count")
                    .contains(60L)
                    .allMatch(count -> count <= 60);
        }
    }

    @Test
    void aLimitSetInAnOutageIsToldToTheNextServer() {
        Numbers received = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole.url()))) {
            Subscription subscription = subscribe(client, "u", "", received);
            client.flush(TIMEOUT);
            sole.die();
            events.await(Kind.DISCONNECTED);

            subscription.unsubscribe(7);
            sole.comeBack();
            sole.openWay();
            events.await(Kind.RECONNECTED);
            client.flush(TIMEOUT);

            assertThat(limitsOf(sole.server, "u")).containsExactly(7L);
        }
    }

    /** What a server's subscriptions of the client to a subject are limited to, by its own account; 0 for no limit. */
    private static List<Long> limitsOf(NatsServer of, String subject) {
        return connections(of, "?subs=detail").stream()
                .flatMap(connection -> StreamSupport.stream(
                        connection.path("subscriptions_list_detail").spliterator(), false))
                .filter(subscription -> subscription.path("subject").asText().equals(subject))
                .map(subscription -> subscription.path("max").asLong())
                .toList();
    }

    /** Set before, and set in the middle of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theServerItMovesToIsToldWhatIsLeftWhenThereAreNoCopiesAnyMore(boolean inTheMiddle) {
        try (Scenario scenario = new Scenario(clients, 3)) {
            int max = 2_500;
            Publisher publisher = scenario.history.publisher("far");
            List<String> got = new CopyOnWriteArrayList<>();
            NatsClient client =
                    scenario.connect(scenario.options().name("limited").overlap(Duration.ofMillis(500)));
            Subscription subscription =
                    client.subscribe("h", message -> got.add(new String(message.payload(), US_ASCII)));
            if (!inTheMiddle) {
                subscription.unsubscribe(max);
            }
            client.flush(TIMEOUT);
            RawNats far = scenario.socket(2, message -> {});
            Eventually.eventually("interest", () -> {
                far.publish("h", publisher.next());
                far.ping();
                return !got.isEmpty();
            });
            Load load = scenario.publish(far, "h", publisher, 500);
            load.awaitMore(200);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the other server to have it too", () -> scenario.hasSubscription(1, "h"));
            if (inTheMiddle) {
                subscription.unsubscribe(max);
            }
            assertThat(limitsOf(scenario.cluster.server(1), "h"))
                    .as("both send all: one's copies are dropped")
                    .containsExactly(0L);
            scenario.events.awaitReport(0);

            Eventually.eventually(
                    "the limit",
                    () -> limitsOf(scenario.cluster.server(1), "h").stream().allMatch(limit -> limit > 0));
            assertThat(subscription.isActive()).as("in time").isTrue();
            Eventually.eventually("the end", () -> !subscription.isActive() && got.size() == max);
            load.awaitMore(100);
            assertThat(got).doesNotHaveDuplicates().hasSize(max);
            assertThat(scenario.hasSubscription(1, "h")).isFalse();
            load.stop();
        }
    }
}
