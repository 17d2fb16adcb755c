package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class KillIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    /** How long a server may take to pass on what it has processed. */
    private static final Duration SETTLE = Duration.ofMillis(20);

    /** Ten times what may be in doubt, for a machine that has other things to do. */
    private static final Duration WIDEST = Duration.ofSeconds(1);

    private static final int RATE = 5_000;

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

    private static Load publishing(NatsClient client, DoubtJudge judge) {
        return Load.start(2, RATE, number -> {
            client.publish("k", Numbers.payload(number));
            judge.accepted(number, System.nanoTime());
        });
    }

    @Test
    void losesNoMorePublishesThanItReportsAsInDoubt() {
        DoubtJudge judge = new DoubtJudge();
        Numbers received = new Numbers();
        Numbers own = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3);
                RawNats receiver = Peers.receiver(cluster.server(2), "k", received);
                RawNats responder = Peers.responder(cluster.server(2), "k.echo");
                RawNats publisher = RawNats.connect(cluster.server(2).url(), message -> {});
                NatsClient client = clients.connect(
                        options(cluster.urls().get(0), cluster.urls().get(1)))) {
            client.subscribe("k.own", message -> own.add(message.payload()));
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(client.connectedUrl()).contains(cluster.urls().get(0));
            try (Load load = publishing(client, judge)) {
                Eventually.eventually("two seconds of load to arrive", () -> received.count() > 2 * RATE);

                long killedNs = System.nanoTime();
                cluster.kill(0);

                Event lost = events.await(Kind.DISCONNECTED);
                Event back = events.await(Kind.RECONNECTED);
                assertThat(back.url()).isEqualTo(cluster.urls().get(1));
                assertThat(Duration.ofNanos(back.atNs() - lost.atNs())).isLessThan(Duration.ofMillis(50));
                load.awaitMore(1000);
                long published = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat(client.metrics().publishesInDoubt())
                        .isEqualTo(lost.inDoubt())
                        .isPositive();
                assertThat(judge.findings(received, lost.inDoubt(), killedNs - WIDEST.toNanos(), killedNs))
                        .isEmpty();
                assertThat(received.duplicates()).isZero();
            }
            assertThat(client.request("k.echo", Numbers.payload(1), TIMEOUT).payload())
                    .isEqualTo(Numbers.payload(1));
            Eventually.eventually("its subscription to be known again", () -> {
                publisher.publish("k.own", Numbers.payload(1));
                publisher.flush();
                return own.count() > 0;
            });
            assertThat(receiver.isClosed() || responder.isClosed()).isFalse();
        }
    }

    /** What the client has written and the server has not read is lost for certain. */
    @Test
    void countsWhatAServerHadNotReadWhenItWasKilled() {
        DoubtJudge judge = new DoubtJudge();
        Numbers received = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3);
                RawNats receiver = Peers.receiver(cluster.server(2), "k", received);
                NatsClient client = clients.connect(
                        options(cluster.urls().get(0), cluster.urls().get(1)))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load load = publishing(client, judge)) {
                Eventually.eventually("two seconds of load to arrive", () -> received.count() > 2 * RATE);
                long pausedNs = System.nanoTime();
                cluster.server(0).pause();
                load.awaitMore(1000);

                long killedNs = System.nanoTime();
                cluster.kill(0);

                Event lost = events.await(Kind.DISCONNECTED);
                load.awaitMore(1000);
                long published = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat(received.missing(published)).hasSizeGreaterThan(900);
                assertThat(judge.findings(received, lost.inDoubt(), pausedNs - WIDEST.toNanos(), killedNs))
                        .isEmpty();
                assertThat(client.metrics().publishesInDoubt()).isEqualTo(lost.inDoubt());
                assertThat(received.duplicates()).isZero();
                assertThat(receiver.isClosed()).isFalse();
            }
        }
    }

    /** The reset throws away what the server has not read, and the answers the client has not read. */
    @Test
    void losesNoMorePublishesToAResetThanItReportsAsInDoubt() throws IOException {
        DoubtJudge judge = new DoubtJudge();
        Numbers arrived = new Numbers();
        try (ScriptedServer resetting = ScriptedServer.start(Step.serve());
                NatsServer next = NatsServer.startDefault();
                RawNats receiver = Peers.receiver(next, "k", arrived);
                NatsClient client = clients.connect(options(resetting.url(), next.url()))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            ScriptedConnection first = resetting.connection(0);
            try (Load load = publishing(client, judge)) {
                load.awaitMore(2L * RATE);

                long resetNs = System.nanoTime();
                first.reset();

                Event lost = events.await(Kind.DISCONNECTED);
                load.awaitMore(1000);
                long published = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last publish", () -> arrived.has(published));
                first.lines().stream()
                        .filter(line -> line.matches("\\d+"))
                        .forEach(payload -> arrived.add(payload.getBytes(US_ASCII)));

                assertThat(load.failures()).isEmpty();
                assertThat(client.metrics().publishesInDoubt())
                        .isEqualTo(lost.inDoubt())
                        .isPositive();
                assertThat(judge.findings(arrived, lost.inDoubt(), resetNs - WIDEST.toNanos(), resetNs))
                        .isEmpty();
                assertThat(arrived.duplicates()).isZero();
                assertThat(receiver.isClosed()).isFalse();
            }
        }
    }

    @Test
    void survivesTheDeathOfItsServerAndItsStandbyAtOnce() {
        Numbers received = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3);
                RawNats receiver = Peers.receiver(cluster.server(2), "k", received);
                NatsClient client = clients.connect(options(cluster.urls().get(0)));
                Load load = Load.start(2, 4000, number -> client.publish("k", Numbers.payload(number)))) {
            Eventually.eventually(
                    "the standby and the load", () -> client.isHotSwapAvailable() && received.count() > 500);
            cluster.server(0).kill();
            cluster.server(1).kill();
            cluster.server(0).awaitExit(TIMEOUT);
            cluster.server(1).awaitExit(TIMEOUT);

            Eventually.eventually(
                    "the third server",
                    () -> client.connectedUrl()
                            .filter(cluster.urls().get(2)::equals)
                            .isPresent());
            load.awaitMore(500);
            long published = load.stop();
            client.flush(TIMEOUT);
            Eventually.eventually("the last publish", () -> received.has(published));

            assertThat(load.failures()).isEmpty();
            assertThat((long) received.missing(published).size())
                    .isLessThanOrEqualTo(client.metrics().publishesInDoubt());
            assertThat(client.metrics().publishesInDoubt()).isEqualTo(events.inDoubt());
            assertThat(received.duplicates()).isZero();
            assertThat(receiver.isClosed()).isFalse();
        }
    }

    @Test
    void hasNothingInDoubtOnceAFlushHasSettled() {
        try (NatsCluster cluster = NatsCluster.start(2);
                NatsClient client = clients.connect(options(cluster.urls().get(0)))) {
            for (int i = 0; i < 1000; i++) {
                client.publish("k", Numbers.payload(i));
            }
            client.flush(TIMEOUT);
            long flushedNs = System.nanoTime();
            Eventually.eventually("the settle", () -> System.nanoTime() - flushedNs > SETTLE.toNanos());
            client.flush(TIMEOUT); // Proves that the server has lived on.

            cluster.kill(0);

            assertThat(events.await(Kind.DISCONNECTED).inDoubt()).isZero();
            events.await(Kind.RECONNECTED);
            assertThat(client.metrics().publishesInDoubt()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void findsAServerOfTheClusterItWasNeverTold(String version) {
        NatsServerConfig template = NatsServerConfig.builder().version(version).build();
        try (NatsCluster cluster = NatsCluster.start(2, template);
                NatsClient client =
                        clients.connect(options(cluster.urls().get(0)).standbys(0))) {
            client.flush(TIMEOUT);
            assertThat(client.isHotSwapAvailable()).isFalse();

            cluster.kill(0);

            assertThat(events.await(Kind.RECONNECTED).url())
                    .isEqualTo(cluster.urls().get(1));
            client.flush(TIMEOUT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void makesAStandbyOfAServerItWasNeverTold(String version) {
        NatsServerConfig template = NatsServerConfig.builder().version(version).build();
        try (NatsCluster cluster = NatsCluster.start(2, template);
                NatsClient client = clients.connect(options(cluster.urls().get(0)))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(cluster.connections(1)).containsExactly("mallard");

            cluster.kill(1);
            Eventually.eventually("its loss", () -> !client.isHotSwapAvailable());
            cluster.server(1).awaitExit(TIMEOUT);
            cluster.restart(1);

            Eventually.eventually("another one", client::isHotSwapAvailable);
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
        }
    }

    @Test
    void aRequestWhoseReplyWasLostTimesOutAndTheNextSucceeds() {
        try (NatsCluster cluster = NatsCluster.start(2);
                RawNats silent = Peers.receiver(cluster.server(1), "k.silent", message -> {});
                RawNats responder = Peers.responder(cluster.server(1), "k.echo");
                NatsClient client = clients.connect(options(cluster.urls().get(0)))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            CompletableFuture<NatsMessage> unanswered =
                    clients.track(client.requestAsync("k.silent", new byte[0], Duration.ofSeconds(1)));
            client.flush(TIMEOUT);

            cluster.kill(0);
            events.await(Kind.RECONNECTED);

            assertThat(client.request("k.echo", Numbers.payload(1), TIMEOUT).payload())
                    .isEqualTo(Numbers.payload(1));
            assertThatThrownBy(unanswered::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
            assertThat(silent.isClosed() || responder.isClosed()).isFalse();
        }
    }
}
