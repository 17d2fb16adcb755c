package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@NoLeaks
class LameDuckVariantsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration GRACE = Duration.ofSeconds(3);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private static NatsCluster cluster(int size, Duration grace) {
        return NatsCluster.start(
                size, NatsServerConfig.builder().lameDuckGrace(grace).build());
    }

    private NatsOptions.Builder options(NatsCluster cluster) {
        return NatsOptions.builder()
                .servers(String.join(",", cluster.urls()))
                .noRandomize(true)
                .name("leaver")
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON);
    }

    @Test
    void replacesAStandbyWhoseServerGoesLame() {
        try (NatsCluster cluster = cluster(3, GRACE);
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(cluster.connections(1)).containsExactly("leaver");

            cluster.lameDuck(1);

            Eventually.eventually(
                    "a standby elsewhere",
                    () -> cluster.connections(2).contains("leaver") && client.isHotSwapAvailable());
            assertThat(client.connectedUrl()).contains(cluster.urls().get(0));
            assertThat(client.isInLameDuckMode()).isFalse();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
        }
    }

    @Test
    void connectsOnDemandWithoutAStandby() {
        Numbers received = new Numbers();
        try (NatsCluster cluster = cluster(3, GRACE);
                RawNats receiver = Peers.receiver(cluster.server(2), "v", received);
                RawNats responder = Peers.responder(cluster.server(2), "v.echo");
                NatsClient client = clients.connect(options(cluster).standbys(0));
                Load publishes = Load.start(1, 2000, number -> client.publish("v", Numbers.payload(number)));
                Load requests =
                        Load.start(2, 400, number -> client.request("v.echo", Numbers.payload(number), TIMEOUT))) {
            publishes.awaitMore(200);
            assertThat(client.isHotSwapAvailable()).isFalse();

            cluster.lameDuck(0);

            assertThat(events.await(Kind.HANDOVER).url())
                    .isEqualTo(cluster.urls().get(1));
            Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
            Eventually.eventually(
                    "the server to see it go", () -> cluster.connections(0).isEmpty());
            publishes.awaitMore(200);
            assertEverythingArrived(client, publishes, received);
            requests.stop();
            assertThat(requests.failures()).isEmpty();
            assertThat(client.isHotSwapAvailable()).isFalse();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.LAME_DUCK, Kind.HANDOVER);
            assertThat(receiver.isClosed() || responder.isClosed()).isFalse();
        }
    }

    private static void assertEverythingArrived(NatsClient client, Load publishes, Numbers received) {
        long last = publishes.stop();
        client.flush(TIMEOUT);
        Eventually.eventually("the last publish", () -> received.has(last));
        assertThat(publishes.failures()).isEmpty();
        assertThat(received.missing(last)).isEmpty();
        assertThat(received.duplicates()).isZero();
    }

    @Test
    void staysOnASoleServerAsLongAsItServesAndComesBackWithIt() {
        Numbers received = new Numbers();
        try (NatsCluster cluster = cluster(1, Duration.ofMillis(500));
                NatsClient client = clients.connect(options(cluster))) {
            client.subscribe("v", message -> received.add(message.payload()));
            client.flush(TIMEOUT);

            cluster.lameDuck(0);

            events.await(Kind.LAME_DUCK);
            assertThat(client.isInLameDuckMode()).isTrue();
            client.publish("v", Numbers.payload(1));
            Eventually.eventually("a message of the lame server", () -> received.has(1));
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
            events.await(Kind.DISCONNECTED);
            client.publish("v", Numbers.payload(2));
            cluster.server(0).awaitExit(TIMEOUT);
            cluster.restart(0);

            events.await(Kind.RECONNECTED);
            Eventually.eventually("what was published meanwhile", () -> received.has(2));
            assertThat(client.isInLameDuckMode()).isFalse();
            assertThat(client.metrics().handovers()).isZero();
            assertThat(events.kinds())
                    .containsExactly(Kind.CONNECTED, Kind.LAME_DUCK, Kind.DISCONNECTED, Kind.RECONNECTED);
        }
    }

    @Test
    void staysUntilItIsEvictedWhenToldTo() {
        try (NatsCluster cluster = cluster(2, Duration.ofMillis(500));
                NatsClient client = clients.connect(options(cluster).hotSwapEnabled(false))) {
            client.flush(TIMEOUT);

            cluster.lameDuck(0);

            Event announced = events.await(Kind.LAME_DUCK);
            Event evicted = events.await(Kind.DISCONNECTED);
            assertThat(Duration.ofNanos(evicted.atNs() - announced.atNs())).isGreaterThan(Duration.ofMillis(400));
            assertThat(events.await(Kind.RECONNECTED).url())
                    .isEqualTo(cluster.urls().get(1));
            client.flush(TIMEOUT);
            assertThat(client.isInLameDuckMode()).isFalse();
            assertThat(client.metrics().handovers()).isZero();
            assertThat(client.metrics().lameDuckEvents()).isEqualTo(1);
            assertThat(events.kinds())
                    .containsExactly(Kind.CONNECTED, Kind.LAME_DUCK, Kind.DISCONNECTED, Kind.RECONNECTED);
        }
    }

    @Test
    void flushCoversWhatBothServersWereSent() {
        Numbers atFirst = new Numbers();
        Numbers atSecond = new Numbers();
        try (NatsCluster cluster = cluster(2, GRACE);
                RawNats first = Peers.receiver(cluster.server(0), "v", atFirst);
                RawNats second = Peers.receiver(cluster.server(1), "v", atSecond);
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            cluster.lameDuck(0);
            int published = 0;
            boolean moved = false;
            for (int i = 0; i < 20_000 || !moved; i++) {
                moved = !events.of(Kind.HANDOVER).isEmpty();
                client.publish("v", Numbers.payload(++published));
            }

            client.flush(TIMEOUT);
            first.ping();
            second.ping();

            int last = published;
            assertThat(atFirst.missing(last).stream().filter(number -> !atSecond.has(number)))
                    .isEmpty();
        }
    }

    @Test
    void flushWaitsForTheServerThatIsBeingLeftToo() throws IOException {
        Gate gate = new Gate();
        try (ScriptedServer leaving = ScriptedServer.start(
                        Step.handshake(), Step.expect("PING"), Step.send("PONG\r\n"), gate.step(), Step.answerPings());
                ScriptedServer next = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(leaving.url(), next.url())
                        .noRandomize(true)
                        .listener(events)
                        .drainTimeout(TIMEOUT)
                        .standbyRefillJitter(SOON))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            client.publish("v", Numbers.payload(1));
            leaving.connection(0).awaitLine("^PUB v", TIMEOUT);
            leaving.connection(0).send("INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"ldm\":true}\r\n");
            events.await(Kind.HANDOVER);
            client.publish("v", Numbers.payload(2));
            next.connection(0).awaitLine("^PUB v", TIMEOUT);

            assertThatThrownBy(() -> client.flush(Duration.ofMillis(200)))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
            gate.open();
            client.flush(TIMEOUT);

            Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
            leaving.connection(0).awaitClientClose(TIMEOUT);
            assertThat(client.metrics().publishesInDoubt()).isZero();
        }
    }

    @Test
    void movesOnWhenTheNextServerGoesLameTooMeanwhile() {
        Numbers received = new Numbers();
        Numbers own = new Numbers();
        try (NatsCluster cluster = cluster(3, GRACE);
                RawNats receiver = Peers.receiver(cluster.server(2), "v", received);
                RawNats responder = Peers.responder(cluster.server(2), "v.echo");
                RawNats publisher = RawNats.connect(cluster.server(2).url(), message -> {});
                NatsClient client = clients.connect(options(cluster))) {
            client.subscribe("v.own", message -> own.add(message.payload()));
            client.flush(TIMEOUT);
            Eventually.eventually("the subscription to spread", () -> {
                publisher.publish("v.own", Numbers.payload(0));
                publisher.flush();
                return own.has(0);
            });
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load publishes = Load.start(1, 2000, number -> {
                        client.publish("v", Numbers.payload(number));
                        publisher.publish("v.own", Numbers.payload(number));
                        publisher.flush();
                    });
                    Load requests =
                            Load.start(2, 400, number -> client.request("v.echo", Numbers.payload(number), TIMEOUT))) {
                publishes.awaitMore(200);
                cluster.lameDuck(0);
                events.await(Kind.HANDOVER);

                cluster.lameDuck(1);

                assertThat(events.await(Kind.HANDOVER, 1).url())
                        .isEqualTo(cluster.urls().get(2));
                Eventually.eventually("the end of both handovers", () -> !client.isInLameDuckMode());
                Eventually.eventually(
                        "both servers to see it go",
                        () -> cluster.connections(0).isEmpty()
                                && cluster.connections(1).isEmpty());
                publishes.awaitMore(200);
                assertEverythingArrived(client, publishes, received);
                requests.stop();
                assertThat(requests.failures()).isEmpty();
                long last = publishes.count();
                Eventually.eventually("the last message", () -> own.has(last));
                assertThat(own.missing(last)).isEmpty();
                assertThat(client.metrics().handovers()).isEqualTo(2);
                assertThat(client.metrics().publishesInDoubt()).isZero();
                assertThat(receiver.isClosed() || responder.isClosed()).isFalse();
            }
        }
    }

    @Test
    void subscribesAndUnsubscribesInTheMiddleOfAHandover() {
        Numbers old = new Numbers();
        Numbers oldQueue = new Numbers();
        Numbers fresh = new Numbers();
        try (NatsCluster cluster = cluster(3, GRACE);
                RawNats publisher = RawNats.connect(cluster.server(0).url(), message -> {});
                NatsClient client = clients.connect(options(cluster).overlap(Duration.ofMillis(500)))) {
            Subscription ending = client.subscribe("v.old", message -> old.add(message.payload()));
            Subscription member = client.subscribe("v.old", "q", message -> oldQueue.add(message.payload()));
            client.flush(TIMEOUT);
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            cluster.lameDuck(0);
            events.await(Kind.HANDOVER);
            assertThat(client.isInLameDuckMode()).isTrue();

            client.subscribe("v.new", message -> fresh.add(message.payload()));
            ending.unsubscribe();
            member.unsubscribe();
            client.flush(TIMEOUT);
            Eventually.eventually("the new subscription", () -> {
                publisher.publish("v.new", Numbers.payload(0));
                publisher.flush();
                return fresh.has(0);
            });
            assertThat(client.isInLameDuckMode()).isTrue();
            try (Load load = Load.start(1, 1000, number -> {
                publisher.publish("v.new", Numbers.payload(number));
                publisher.publish("v.old", Numbers.payload(number));
                publisher.flush();
            })) {
                Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
                load.awaitMore(200);
                long last = load.stop();
                Eventually.eventually("the last message", () -> fresh.has(last));

                assertThat(fresh.missing(last)).isEmpty();
                assertThat(old.count() + oldQueue.count()).isZero();
            }
            for (NatsServer server : cluster.servers()) {
                assertThat(server.monitoring("/subsz?subs=true").toString()).doesNotContain("v.old");
            }
        }
    }

    @Test
    void takesManyClientsAlongBeforeAnyIsEvicted() {
        List<NatsClient> crowd = new ArrayList<>();
        try (NatsCluster cluster = cluster(3, GRACE)) {
            for (int i = 0; i < 30; i++) {
                crowd.add(clients.connect(options(cluster).handoverJitter(Duration.ofMillis(300))));
            }
            crowd.forEach(client -> client.subscribe("v", message -> {}));
            Eventually.eventually("all standbys", () -> crowd.stream().allMatch(NatsClient::isHotSwapAvailable));

            cluster.lameDuck(0);

            Eventually.eventually(
                    "all handovers", () -> events.of(Kind.HANDOVER).size() == crowd.size());
            Eventually.eventually("their ends", () -> crowd.stream().noneMatch(NatsClient::isInLameDuckMode));
            Eventually.eventually(
                    "the server to see it go", () -> cluster.connections(0).isEmpty());
            assertThat(cluster.connections(1)).hasSize(crowd.size());
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
            crowd.forEach(client -> client.flush(TIMEOUT));
        } finally {
            crowd.forEach(NatsClient::close);
        }
    }

    @Test
    void rollsThroughAClusterOfTwo() {
        Numbers own = new Numbers();
        try (NatsCluster cluster = cluster(2, Duration.ofSeconds(2));
                NatsClient client = clients.connect(options(cluster))) {
            client.subscribe("v", message -> own.add(message.payload()));
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load load = Load.start(2, 2000, number -> client.publish("v", Numbers.payload(number)))) {
                for (int node = 0; node < cluster.size(); node++) {
                    load.awaitMore(200);
                    cluster.lameDuck(node);
                    assertThat(events.await(Kind.HANDOVER, node).url())
                            .isEqualTo(cluster.urls().get(1 - node));
                    cluster.server(node).awaitExit(TIMEOUT);
                    cluster.restart(node);
                    Eventually.eventually("a standby on the restarted node", client::isHotSwapAvailable);
                }
                load.awaitMore(200);
                long last = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last message", () -> own.has(last));

                assertThat(load.failures()).isEmpty();
                assertThat(own.missing(last)).isEmpty();
            }
            assertThat(client.metrics().handovers()).isEqualTo(2);
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
        }
    }
}
