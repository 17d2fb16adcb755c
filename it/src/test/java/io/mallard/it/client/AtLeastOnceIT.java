package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.PublishReliability;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link PublishReliability#AT_LEAST_ONCE}; what happens without it, {@link KillIT} shows by the same means. */
@NoLeaks
class AtLeastOnceIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int RATE = 5_000;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .publishReliability(PublishReliability.AT_LEAST_ONCE)
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON);
    }

    private static Load publishing(NatsClient client) {
        return Load.start(1, RATE, number -> client.publish("k", Numbers.payload(number)));
    }

    /** The server is stopped first, so that some are lost for certain; all of them come, and the later ones after them. */
    @Test
    void losesNothingOfWhatAServerHadNotReadWhenItWasKilled() {
        Numbers received = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3);
                RawNats receiver = Peers.receiver(cluster.server(2), "k", received);
                NatsClient client = clients.connect(
                        options(cluster.urls().get(0), cluster.urls().get(1)))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load load = publishing(client)) {
                Eventually.eventually("a second of load to arrive", () -> received.count() > RATE);
                cluster.server(0).pause();
                load.awaitMore(1000);
                cluster.kill(0);

                assertThat(events.await(Kind.DISCONNECTED).inDoubt()).isZero();
                load.awaitMore(1000);
                long published = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat(received.missing(published)).isEmpty();
                assertThat(firsts(received)).isSorted();
                assertThat(client.metrics().publishesInDoubt()).isZero();
                assertThat(client.metrics().publishesResent())
                        .isGreaterThan(900)
                        .isGreaterThanOrEqualTo(received.duplicates());
                HandoverReport report = events.awaitReport(0);
                assertThat(report.publishesResent()).isEqualTo(client.metrics().publishesResent());
                assertThat(report.isExact()).isFalse();
                assertThat(receiver.isClosed()).isFalse();
            }
        }
    }

    /** Nothing is where it could be sent again until the only server is back. */
    @Test
    void losesNothingWhenTheOnlyServerIsKilledAndComesBackAgainAndAgain() {
        Numbers received = new Numbers();
        try (SoleServer only = new SoleServer();
                NatsClient client = clients.connect(options(only.url()).standbys(0))) {
            long published = 0;
            for (int round = 0; round < 3; round++) {
                try (RawNats receiver = Peers.receiver(only.server, "k", received)) {
                    only.openWay();
                    long from = published;
                    Eventually.eventually(
                            "the connection", () -> client.connectedUrl().isPresent());
                    try (Load load =
                            Load.start(1, RATE, number -> client.publish("k", Numbers.payload(from + number)))) {
                        Eventually.eventually("load to arrive", () -> received.has(from + 500));
                        only.server.pause();
                        load.awaitMore(500);
                        only.die();
                        events.await(Kind.DISCONNECTED, round);
                        published = from + load.stop();
                        assertThat(load.failures()).isEmpty();
                    }
                    Eventually.eventually("the receiver to be cut off with its server", receiver::isClosed);
                }
                only.comeBack();
            }
            try (RawNats receiver = Peers.receiver(only.server, "k", received)) {
                only.openWay();
                long last = published;
                Eventually.eventually("the last publish", () -> received.has(last));
                assertThat(received.missing(last)).isEmpty();
                assertThat(firsts(received)).isSorted();
                assertThat(events.inDoubt()).isZero();
                assertThat(receiver.isClosed()).isFalse();
            }
        }
    }

    @Test
    void aServerThatDoesNotAnswerStopsPublishersAtTheBoundAndNothingIsLost() {
        Numbers received = new Numbers();
        byte[] payload = new byte[100];
        try (NatsServer server = NatsServer.startDefault();
                RawNats receiver = Peers.receiver(server, "k", received);
                NatsClient client = clients.connect(
                        options(server.url()).maxRetainedBytes(10_000).publishTimeout(SOON))) {
            server.pause();
            int accepted = 0;
            NatsStatus status;
            while ((status = client.tryPublish("other", payload)) == NatsStatus.OK) {
                accepted++;
            }

            assertThat(status).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER);
            assertThat(accepted).isEqualTo(10_000 / ("PUB other 100\r\n".length() + 102));
            assertThatThrownBy(() -> client.publish("other", payload))
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining("of 10000 bytes kept until the server has answered for them");
            assertThat(client.metrics().publishesRefused()).isEqualTo(2);

            server.resume();
            for (int i = 1; i <= 1_000; i++) {
                publishPatiently(client, i);
            }
            Eventually.eventually("the last publish", () -> received.has(1_000));
            assertThat(received.received())
                    .isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
            assertThat(client.metrics().publishesResent()).isZero();
            assertThat(receiver.isClosed()).isFalse();
        }
    }

    private static void publishPatiently(NatsClient client, long number) {
        Eventually.eventually(
                "room", () -> client.tryPublish("k", Numbers.payload(number)) != NatsStatus.INSUFFICIENT_BUFFER);
    }

    /** Otherwise it would close every connection it is sent again on, for ever. */
    @Test
    void whatTheNextServerClosesTheConnectionForIsToldOfAndTheRestArrives() {
        Numbers received = new Numbers();
        NatsServerConfig narrow =
                NatsServerConfig.builder().extra("max_payload: 512").build();
        try (NatsServer wide = NatsServer.startDefault();
                NatsServer next = NatsServer.start(narrow);
                RawNats receiver = Peers.receiver(next, "k", received);
                NatsClient client = clients.connect(options(wide.url(), next.url()))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            client.flush(TIMEOUT);
            wide.pause();
            for (int i = 1; i <= 100; i++) {
                client.publish("k", Numbers.payload(i));
            }
            client.publish("k.large", new byte[513]);
            client.publish("k", Numbers.payload(101));
            Eventually.eventually(
                    "all of it in the socket", () -> client.metrics().messagesSent() == 102);

            wide.kill();

            Eventually.eventually("the last publish", () -> received.has(101));
            next.awaitLog("(?i)maximum payload", TIMEOUT);
            client.flush(TIMEOUT);
            assertThat(received.missing(101)).isEmpty();
            assertThat(client.metrics().publishesInDoubt()).isEqualTo(1);
            assertThat(events.of(Kind.DISCONNECTED)).hasSize(2);
            assertThat(receiver.isClosed()).isFalse();
        }
    }

    /** The client checks against the longest control line there is by default; this server takes less. */
    @Test
    void aServerThatEndsEveryConnectionForTheSamePublishIsNotSentItForEver() {
        Numbers received = new Numbers();
        NatsServerConfig terse =
                NatsServerConfig.builder().extra("max_control_line: 512").build();
        try (NatsServer server = NatsServer.start(terse);
                RawNats receiver = Peers.receiver(server, "k", received);
                NatsClient client = clients.connect(options(server.url()).standbys(0))) {
            for (int i = 1; i <= 100; i++) {
                client.publish("k", Numbers.payload(i));
            }
            client.publish("k." + "long".repeat(150), Numbers.payload(101));

            Eventually.eventually("it to be given up", () -> client.metrics().publishesInDoubt() > 0);
            Eventually.eventually(
                    "a connection that lives", () -> client.connectedUrl().isPresent());
            client.publish("k", Numbers.payload(102));
            client.flush(TIMEOUT);

            server.awaitLog("(?i)maximum control line", TIMEOUT);
            assertThat(events.of(Kind.DISCONNECTED).size()).isBetween(1, 3);
            assertThat(client.metrics().publishesInDoubt()).isEqualTo(events.inDoubt());
            Eventually.eventually("the next publish", () -> received.has(102));
            assertThat(receiver.isClosed()).isFalse();
        }
    }

    @Test
    void whatAnEndWithoutAServerLeavesIsToldOfAsInDoubt() {
        try (SoleServer only = new SoleServer();
                NatsClient client =
                        clients.connect(options(only.url()).standbys(0).maxReconnectAttempts(0))) {
            client.flush(TIMEOUT); // Until the first answer nothing leaves.
            only.server.pause();
            for (int i = 1; i <= 100; i++) {
                client.publish("k", Numbers.payload(i));
            }
            Eventually.eventually(
                    "all of it in the socket", () -> client.metrics().messagesSent() == 100);
            only.die();
            events.await(Kind.CLOSED);

            assertThat(events.await(Kind.DISCONNECTED).inDoubt()).isZero();
            assertThat(client.metrics().publishesInDoubt()).isEqualTo(100);
            assertThat(client.metrics().publishesResent()).isZero();
            assertThat(events.of(Kind.ERROR))
                    .last()
                    .extracting(event -> event.cause().getMessage())
                    .asString()
                    .contains("closed with 100 publishes in doubt and 0 never sent");
        }
    }

    /** Nothing is repeated where nothing is lost. */
    @Test
    void aHandoverFromALameDuckIsAsExactAsEver() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver one = scenario.history.receiver("on 1", publisher);
            Receiver two = scenario.history.receiver("on 2", publisher);
            scenario.receive(1, "e", one);
            scenario.receive(2, "e", two);
            NatsClient client =
                    scenario.connect(scenario.options().publishReliability(PublishReliability.AT_LEAST_ONCE));
            Load load = scenario.publish(client, "e", publisher, RATE);
            load.awaitMore(1_000);

            HandoverReport report = scenario.leave(0, client);

            load.awaitMore(1_000);
            scenario.finish(load, one, two);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(client.metrics().publishesResent()).isZero();
        }
    }

    private static List<Long> firsts(Numbers received) {
        return received.received().stream().distinct().toList();
    }
}
