package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.Headers;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestManyEnd;
import io.mallard.RequestManyOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One request, several replies (ADR-47), which a raw socket gives. */
@NoLeaks
class RequestManyIT {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final byte[] NOTHING = {};
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

    /** Gives so many replies to each request, numbered from 0, and an empty one behind them if asked to. */
    private static RawNats responder(NatsServer at, String subject, int replies, boolean sentinel) {
        AtomicReference<RawNats> self = new AtomicReference<>();
        RawNats responder = Peers.receiver(at, subject, message -> {
            RawNats connection = Objects.requireNonNull(self.get());
            IntStream.range(0, replies)
                    .forEach(i -> connection.publish(
                            message.reply(), String.valueOf(i).getBytes(UTF_8)));
            if (sentinel) {
                connection.publish(message.reply(), NOTHING);
            }
            connection.flush();
        });
        self.set(responder);
        return responder;
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    private static List<String> texts(List<NatsMessage> replies) {
        return replies.stream().map(reply -> new String(reply.payload(), UTF_8)).toList();
    }

    private long subscriptions() {
        return server.monitoring("/subsz").path("num_subscriptions").asLong();
    }

    @Test
    void takesAllThatComeWithinTheTime() {
        try (RawNats one = responder(server, "m.all", 2, false);
                RawNats other = responder(server, "m.all", 2, false);
                NatsClient client = clients.connect(server.url())) {
            long startNs = System.nanoTime();

            List<NatsMessage> replies = client.requestMany("m.all", NOTHING, RequestManyOptions.timeout(SHORT));

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isBetween(SHORT, LONG);
            assertThat(texts(replies)).containsExactlyInAnyOrder("0", "1", "0", "1");
            assertThat(one.errors()).isEmpty();
            assertThat(other.errors()).isEmpty();
        }
    }

    @Test
    void hasEnoughAtTheNumberThatWasWanted() {
        try (RawNats responder = responder(server, "m.max", 100, false);
                NatsClient client = clients.connect(server.url())) {
            RequestManyOptions five = RequestManyOptions.timeout(LONG).maxReplies(5);
            client.flush(LONG);
            long before = subscriptions();

            for (int i = 0; i < 10; i++) {
                assertThat(texts(client.requestMany("m.max", NOTHING, five))).isEqualTo(numbers(5));
            }

            client.flush(LONG);
            assertThat(subscriptions()).isEqualTo(before); // None is left behind at the server.
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void endsWhenNoneHasComeForAWhile() {
        try (RawNats responder = responder(server, "m.stall", 3, false);
                NatsClient client = clients.connect(server.url())) {
            List<String> replies = new ArrayList<>();
            long startNs = System.nanoTime();

            RequestManyEnd end = client.requestMany(
                    "m.stall", NOTHING, RequestManyOptions.timeout(LONG).stall(SHORT), reply -> {
                        replies.add(new String(reply.payload(), UTF_8));
                        return true;
                    });

            assertThat(end).isEqualTo(RequestManyEnd.STALLED);
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isBetween(SHORT, LONG);
            assertThat(replies).isEqualTo(numbers(3));
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void endsWithTheReplyThatHasNoPayload() {
        try (RawNats responder = responder(server, "m.empty", 3, true);
                NatsClient client = clients.connect(server.url())) {
            RequestManyOptions options = RequestManyOptions.timeout(LONG).untilEmpty();
            List<NatsMessage> taken = new ArrayList<>();

            assertThat(client.requestMany("m.empty", NOTHING, options, taken::add))
                    .isEqualTo(RequestManyEnd.SENTINEL);

            assertThat(texts(taken)).isEqualTo(numbers(3));
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void endsWhenWhoeverTakesThemHasEnough() {
        try (RawNats responder = responder(server, "m.stop", 100, false);
                NatsClient client = clients.connect(server.url())) {
            RequestManyEnd end = client.requestMany(
                    "m.stop",
                    Headers.of("K", "v"),
                    NOTHING,
                    RequestManyOptions.timeout(LONG),
                    reply -> !new String(reply.payload(), UTF_8).equals("7"));

            assertThat(end).isEqualTo(RequestManyEnd.STOPPED);
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void doesNotCountTheTimeThatTakingOneTakes() {
        try (RawNats responder = responder(server, "m.slow", 3, false);
                NatsClient client = clients.connect(server.url())) {
            List<NatsMessage> taken = new ArrayList<>();

            RequestManyEnd end = client.requestMany(
                    "m.slow", NOTHING, RequestManyOptions.timeout(SHORT).maxReplies(3), reply -> {
                        long untilNs = System.nanoTime() + SHORT.toNanos();
                        while (System.nanoTime() - untilNs < 0) {
                            Thread.onSpinWait(); // Somebody computes.
                        }
                        return taken.add(reply);
                    });

            assertThat(end).isEqualTo(RequestManyEnd.MAX_REPLIES);
            assertThat(texts(taken)).isEqualTo(numbers(3));
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void saysAtOnceThatNobodyListens() {
        try (NatsClient client = clients.connect(server.url())) {
            assertThatThrownBy(() -> client.requestMany("m.nobody", NOTHING, RequestManyOptions.timeout(LONG)))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_RESPONDERS))
                    .hasMessageContaining("m.nobody");
        }
    }

    @Test
    void isEndedByAnInterrupt() throws Exception {
        try (RawNats silent = responder(server, "m.silent", 0, false);
                NatsClient client = clients.connect(server.url())) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread asker = new Thread(() -> {
                try {
                    client.requestMany("m.silent", NOTHING, RequestManyOptions.timeout(LONG));
                } catch (NatsException e) {
                    thrown.set(
                            Thread.currentThread().isInterrupted()
                                    ? e
                                    : new AssertionError("no longer interrupted", e));
                }
            });
            asker.start();
            asker.interrupt();
            asker.join(LONG.toMillis());

            assertThat(thrown.get())
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ERR));
            assertThat(silent.errors()).isEmpty();
        }
    }

    @Test
    void refusesTimesAndNumbersThatMakeNoSense() {
        RequestManyOptions options = RequestManyOptions.timeout(LONG);

        assertThatThrownBy(() -> options.maxReplies(0)).hasMessage("maxReplies=0, must be >= 1");
        assertThatThrownBy(() -> options.stall(Duration.ZERO)).hasMessage("stall=PT0S, must be > 0");
        assertThatThrownBy(() -> RequestManyOptions.timeout(Duration.ofMillis(-1)))
                .hasMessage("timeout=PT-0.001S, must be > 0");
    }

    /** The responder is on the server that stays, and goes on giving replies while the requester moves. */
    @Test
    void takesEachReplyOnceWhileItsServerLeaves() throws Exception {
        int replies = 1_000;
        AtomicReference<String> inbox = new AtomicReference<>();
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsCluster cluster = scenario.cluster;
            RawNats responder = scenario.socket(1, message -> inbox.set(message.reply()));
            responder.subscribe("m.move", 1);
            responder.ping();
            NatsClient client = scenario.connect();
            Eventually.eventually(
                    "the other server's knowing of the responder",
                    () -> cluster.server(0)
                            .monitoring("/routez?subs=1")
                            .toString()
                            .contains("m.move"));
            List<NatsMessage> taken = new ArrayList<>();
            AtomicReference<RequestManyEnd> end = new AtomicReference<>();
            Thread asker = new Thread(() -> end.set(client.requestMany(
                    "m.move",
                    NOTHING,
                    RequestManyOptions.timeout(Duration.ofSeconds(30)).untilEmpty(),
                    taken::add)));
            asker.start();
            Eventually.eventually("the request", () -> inbox.get() != null);

            int sent = 0;
            for (; sent < 100; sent++) {
                responder.publish(inbox.get(), String.valueOf(sent).getBytes(UTF_8));
            }
            responder.ping();
            cluster.server(0).lameDuck();
            for (; sent < replies || !scenario.events.hasReport(0); sent++) {
                responder.publish(inbox.get(), String.valueOf(sent).getBytes(UTF_8));
                responder.ping();
            }
            responder.publish(inbox.get(), NOTHING);
            responder.ping();
            asker.join(LONG.toMillis());

            assertThat(end.get()).isEqualTo(RequestManyEnd.SENTINEL);
            assertThat(texts(taken)).isEqualTo(numbers(sent));
            assertThat(scenario.events.awaitReport(0).toUrl())
                    .isEqualTo(cluster.server(1).url());
            assertThat(responder.errors()).isEmpty();
        }
    }
}
