package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import io.mallard.it.support.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@NoLeaks
class ReconnectIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofMillis(50);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON);
    }

    @Test
    void restoresItsSubscriptionsOnARestartedServer() {
        Numbers kept = new Numbers();
        Numbers ended = new Numbers();
        Numbers queued = new Numbers();
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(options(server.url()))) {
            client.subscribe("kept.*", message -> kept.add(message.payload()));
            client.subscribe("kept.queue", "q", message -> queued.add(message.payload()));
            Subscription subscription = client.subscribe("ended", message -> ended.add(message.payload()));
            client.flush(TIMEOUT);

            server.stop();
            events.await(Kind.DISCONNECTED);
            assertThat(client.connectedUrl()).isEmpty();
            subscription.unsubscribe();
            server.restart();
            events.await(Kind.RECONNECTED);
            client.flush(TIMEOUT);

            assertThat(client.connectedUrl()).contains(server.url());
            try (RawNats peer = RawNats.connect(server.url(), message -> {})) {
                peer.publish("kept.queue", Numbers.payload(1));
                peer.publish("ended", Numbers.payload(2));
                peer.ping();
            }
            client.flush(TIMEOUT);
            Eventually.eventually("both", () -> kept.count() == 1 && queued.count() == 1);
            assertThat(ended.count()).isZero();
            assertThat(server.monitoring("/subsz?subs=true").toString()).doesNotContain("\"ended\"");
            assertThat(client.metrics().reconnects()).isEqualTo(1);
        }
        events.await(Kind.CLOSED);
        assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.RECONNECTED, Kind.CLOSED);
    }

    @Test
    void doesAfterwardsWhatWasAskedWhileTheServerWasDown() {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(options(server.url()))) {
            client.subscribe("answer", message -> client.publish(message.reply(), message.payload()));
            client.flush(TIMEOUT);
            server.stop();
            events.await(Kind.DISCONNECTED);

            client.subscribe("asked", message -> received.add(message.payload()));
            for (int i = 1; i <= 1000; i++) {
                client.publish("asked", Numbers.payload(i));
            }
            CompletableFuture<NatsMessage> reply =
                    clients.track(client.requestAsync("answer", Numbers.payload(7), TIMEOUT));
            CompletableFuture<Void> flush = clients.track(CompletableFuture.runAsync(() -> client.flush(TIMEOUT)));
            server.restart();

            assertThat(reply.join().payload()).isEqualTo(Numbers.payload(7));
            flush.join();
            Eventually.eventually("all messages", () -> received.count() == 1000);
            assertThat(received.received()).isSorted();
            assertThat(received.missing(1000)).isEmpty();
            assertThat(events.inDoubt()).isZero();
        }
    }

    @Test
    void neverSendsARequestThatHasExpiredWhileTheServerWasDown() {
        Gate gate = new Gate();
        try (ScriptedServer server =
                        ScriptedServer.start(List.of(List.of(Step.serve()), List.of(gate.step(), Step.serve())));
                NatsClient client = clients.connect(options(server.url()).connectTimeout(TIMEOUT))) {
            client.flush(TIMEOUT);
            disconnect(server);

            assertThatThrownBy(() -> client.request("late", new byte[0], Duration.ofMillis(50)))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
            client.publish("sent", new byte[0]);
            gate.open();
            client.flush(TIMEOUT);

            assertThat(server.connection(1).lines()).contains("PUB sent 0").noneMatch(line -> line.contains("late"));
        }
    }

    private void disconnect(ScriptedServer server) {
        try {
            server.connection(0).close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        events.await(Kind.DISCONNECTED);
        server.awaitConnection(1, TIMEOUT);
    }

    @Test
    void keepsTheOldestWhenTheReconnectBufferIsFull() {
        Gate gate = new Gate();
        int limit = 4096;
        try (ScriptedServer server =
                        ScriptedServer.start(List.of(List.of(Step.serve()), List.of(gate.step(), Step.serve())));
                NatsClient client = clients.connect(
                        options(server.url()).connectTimeout(TIMEOUT).reconnectBufferSize(limit))) {
            client.flush(TIMEOUT);
            disconnect(server);

            int accepted = 0;
            while (client.tryPublish("b", Numbers.payload(accepted + 1)) == NatsStatus.OK) {
                accepted++;
            }
            assertThatThrownBy(() -> client.publish("b", new byte[100]))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER))
                    .hasMessageContaining("reconnect buffer full")
                    .hasMessageContaining("of " + limit + " bytes")
                    .hasMessageContaining("reconnectBufferSize");
            int bytes = IntStream.rangeClosed(1, accepted)
                    .map(i -> ("PUB b N\r\n\r\n" + i).length())
                    .sum();
            assertThat(bytes).isBetween(limit - 20, limit);
            gate.open();
            client.flush(TIMEOUT);

            List<String> payloads = server.connection(1).lines().stream()
                    .filter(line -> line.matches("\\d+"))
                    .toList();
            assertThat(payloads)
                    .isEqualTo(IntStream.rangeClosed(1, accepted)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    @Test
    void keepsNothingWithoutAReconnectBuffer() {
        Gate gate = new Gate();
        try (ScriptedServer server =
                        ScriptedServer.start(List.of(List.of(Step.serve()), List.of(gate.step(), Step.serve())));
                NatsClient client = clients.connect(
                        options(server.url()).connectTimeout(TIMEOUT).reconnectBufferSize(0))) {
            client.flush(TIMEOUT);
            disconnect(server);

            assertThat(client.tryPublish("b", new byte[0])).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER);
            assertThatThrownBy(() -> client.publish("b", new byte[0]))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER));
            Subscription subscription = client.subscribe("still.possible", message -> {});
            gate.open();
            client.flush(TIMEOUT);

            assertThat(subscription.isActive()).isTrue();
            assertThat(server.connection(1).lines()).anyMatch(line -> line.startsWith("SUB still.possible "));
        }
    }

    @Test
    void speaksInTheRightOrderOnEveryNewConnection() {
        Gate gate = new Gate();
        try (ScriptedServer server =
                        ScriptedServer.start(List.of(List.of(Step.serve()), List.of(gate.step(), Step.serve())));
                NatsClient client = clients.connect(options(server.url()).connectTimeout(TIMEOUT))) {
            List<Subscription> subscriptions = IntStream.range(0, 1000)
                    .mapToObj(i -> client.subscribe("s." + i, message -> {}))
                    .toList();
            client.flush(TIMEOUT);
            disconnect(server);

            client.publish("first", new byte[0]);
            subscriptions.subList(0, 600).forEach(Subscription::unsubscribe);
            client.publish("second", new byte[0]);
            gate.open();
            subscriptions.subList(600, 800).forEach(Subscription::unsubscribe);
            client.publish("third", new byte[0]);
            client.flush(TIMEOUT);

            assertOrder(server.connection(0).lines());
            List<String> lines = server.connection(1).lines();
            assertOrder(lines);
            List<String> sids = lines.stream()
                    .filter(line -> line.startsWith("SUB s."))
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .filter(sid -> !lines.contains("UNSUB " + sid))
                    .toList();
            assertThat(sids).doesNotHaveDuplicates().hasSize(200);
            assertThat(lines.stream().filter(line -> line.startsWith("PUB")))
                    .containsExactly("PUB first 0", "PUB second 0", "PUB third 0");
        }
    }

    /** CONNECT and PING, then the inbox and the other subscriptions with a PING behind, then what the user publishes. */
    private static void assertOrder(List<String> lines) {
        assertThat(lines.get(0)).startsWith("CONNECT {");
        assertThat(lines.get(1)).isEqualTo("PING");
        assertThat(lines.get(2)).startsWith("SUB _INBOX.");
        int firstPublish = lines.indexOf("PUB first 0");
        if (firstPublish >= 0) {
            int secondPing = lines.subList(2, lines.size()).indexOf("PING") + 2;
            assertThat(secondPing).isBetween(3, firstPublish);
            assertThat(lines.subList(firstPublish, lines.size())).noneMatch(line -> line.startsWith("SUB "));
        }
    }

    @Test
    void holdsPublishesBackUntilTheServerHasTakenTheSubscriptions() throws IOException {
        Gate gate = new Gate();
        List<Step> slow =
                List.of(Step.handshake(), Step.expect("PING"), gate.step(), Step.send("PONG\r\n"), Step.answerPings());
        try (ScriptedServer server = ScriptedServer.start(List.of(List.of(Step.serve()), slow));
                NatsClient client = clients.connect(options(server.url()))) {
            client.flush(TIMEOUT);
            disconnect(server);
            client.publish("held", new byte[0]);
            events.await(Kind.RECONNECTED);
            ScriptedConnection connection = server.connection(1);
            connection.awaitLine("^SUB _INBOX", TIMEOUT);

            // The answer to this overtakes what is held, and not what is not.
            connection.send("PING\r\n");
            connection.awaitLine("^PONG$", TIMEOUT);
            assertThat(connection.lines()).doesNotContain("PUB held 0");
            gate.open();

            connection.awaitLine("^PUB held 0$", TIMEOUT);
        }
    }

    @Test
    void leavesAServerThatAnswersNoPing() {
        try (NatsServer healthy = NatsServer.startDefault();
                ScriptedServer silent =
                        ScriptedServer.start(Step.handshake(), Step.expect("PING"), Step.send("PONG\r\n"));
                NatsClient client = clients.connect(options(silent.url(), healthy.url())
                        .standbys(0)
                        .pingInterval(Duration.ofMillis(100))
                        .maxPingsOut(2))) {
            Event lost = events.await(Kind.DISCONNECTED);

            assertThat(lost.url()).isEqualTo(silent.url());
            assertThat(lost.cause())
                    .hasMessageContaining("stale connection")
                    .hasMessageContaining("2 PINGs unanswered")
                    .hasMessageContaining("100 ms");
            Event back = events.await(Kind.RECONNECTED);
            assertThat(back.url()).isEqualTo(healthy.url());
            Eventually.eventually(
                    "several intervals on a server that answers",
                    () -> System.nanoTime() - back.atNs()
                            > Duration.ofMillis(500).toNanos());
            assertThat(events.of(Kind.DISCONNECTED)).hasSize(1);
            assertThat(client.connectedUrl()).contains(healthy.url());
        }
    }

    /** Its PONGs take longer than the server waits for them. */
    @Test
    void leavesAServerThatCallsItStaleAndPublishesOnInOrder() {
        Numbers received = new Numbers();
        NatsServerConfig impatient = NatsServerConfig.builder()
                .extra("ping_interval: \"1s\"\nping_max: 1\n")
                .build();
        try (NatsServer server = NatsServer.start(impatient);
                TcpProxy slowWay = TcpProxy.start(server.port(), Duration.ofMillis(800));
                NatsServer healthy = NatsServer.startDefault();
                RawNats receiver = Peers.receiver(healthy, "s", received);
                NatsClient client = clients.connect(
                        options(slowWay.url(), healthy.url()).standbys(0).connectTimeout(TIMEOUT))) {
            Event lost = events.await(Kind.DISCONNECTED);
            for (int i = 1; i <= 1000; i++) {
                client.publish("s", Numbers.payload(i));
            }

            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(healthy.url());
            client.flush(TIMEOUT);
            receiver.ping();
            assertThat(lost.url()).isEqualTo(slowWay.url());
            assertThat(lost.cause()).hasMessageContaining("Stale Connection");
            assertThat(server.monitoring("/connz?state=closed").path("connections"))
                    .extracting(connection -> connection.path("reason").asText())
                    .contains("Stale Connection");
            assertThat(received.received()).isSorted().hasSize(1000);
        }
    }

    @Test
    void answersThePingOfAServer() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(options(server.url()))) {
            client.flush(TIMEOUT);
            ScriptedConnection connection = server.connection(0);
            connection.send("PING\r\n");

            assertThat(connection.awaitLine("^PONG$", TIMEOUT)).isEqualTo("PONG");
        }
    }

    @Test
    void heedsAMaxPayloadThatChanges() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(options(server.url()))) {
            client.publish("m", new byte[200]);

            server.connection(0).send("INFO {\"server_id\":\"S\",\"max_payload\":100}\r\n");

            Eventually.eventually(
                    "the new limit", () -> client.tryPublish("m", new byte[101]) == NatsStatus.MAX_PAYLOAD);
            assertThatThrownBy(() -> client.publish("m", new byte[101])).hasMessageContaining("the 100 bytes");
            assertThat(client.tryPublish("m", new byte[100])).isEqualTo(NatsStatus.OK);
        }
    }

    @Test
    void closesWhenItHasTriedAsOftenAsItMay() {
        try (ClientLog log = ClientLog.open();
                NatsServer server = NatsServer.startDefault()) {
            NatsClient client = clients.connect(options(server.url()).maxReconnectAttempts(3));
            client.subscribe("silent", message -> {});
            CompletableFuture<NatsMessage> reply = clients.track(client.requestAsync("silent", new byte[0], TIMEOUT));
            client.flush(TIMEOUT);

            server.stop();
            events.await(Kind.CLOSED);

            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.ERROR, Kind.CLOSED);
            assertThat(events.of(Kind.ERROR).get(0).cause())
                    .hasMessageContaining(
                            "every server has failed as often as it may (maxReconnectAttempts=3): " + server.url());
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("WARN No server"))
                    .hasSize(3);
            assertThat(client.tryPublish("silent", new byte[0])).isEqualTo(NatsStatus.CONNECTION_CLOSED);
            assertThatThrownBy(reply::join).hasMessageContaining("closed");
            client.close();
        }
    }
}
