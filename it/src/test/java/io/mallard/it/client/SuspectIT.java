package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that has stopped in its tracks is left long before it counts as lost: no PING is missed for 40 s. */
@NoLeaks
class SuspectIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LATE = Duration.ofMillis(300);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsClient connect(NatsCluster cluster) {
        return clients.connect(NatsOptions.builder()
                .servers(cluster.urls().toArray(String[]::new))
                .noRandomize(true)
                .name("ducky")
                .listener(events)
                .suspectAfter(LATE)
                .publishTimeout(Duration.ofSeconds(2))
                .standbyRefillJitter(Duration.ofMillis(10))
                .standbyCheckInterval(Duration.ofMinutes(1)));
    }

    private static void awaitStandby(NatsCluster cluster, int node) {
        Eventually.eventually(
                "a standby on node " + node, () -> cluster.connections(node).contains("ducky"));
    }

    @Test
    void aServerThatIsLateIsLeftForTheStandby() {
        Numbers published = new Numbers();
        Numbers delivered = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3);
                RawNats judge = Peers.receiver(cluster.server(2), "out", published);
                RawNats responder = Peers.responder(cluster.server(2), "echo");
                NatsClient client = connect(cluster)) {
            awaitStandby(cluster, 1);
            client.subscribe("in", message -> delivered.add(message.payload()));
            client.flush(TIMEOUT);
            long pausedNs = System.nanoTime();
            cluster.server(0).pause();

            Events.Event moved = events.await(Kind.HANDOVER);
            assertThat(moved.url()).isEqualTo(cluster.urls().get(1));
            assertThat(Duration.ofNanos(moved.atNs() - pausedNs)).isLessThan(Duration.ofSeconds(3));
            for (int i = 1; i <= 100; i++) {
                client.publish("out", Numbers.payload(i));
            }
            client.request("echo", Numbers.payload(1), TIMEOUT);
            HandoverReport report = events.awaitReport(0);
            client.flush(TIMEOUT);
            judge.ping();

            assertThat(report.reason()).isEqualTo(HandoverReason.SUSPECT);
            assertThat(published.missing(100)).isEmpty();
            assertThat(published.received()).isSorted();
            Eventually.eventually("messages through the other server", () -> {
                judge.publish("in", Numbers.payload(1));
                judge.ping();
                return delivered.count() > 0;
            });
            assertThat(events.of(Kind.DISCONNECTED)).isEmpty();
            responder.ping();
            cluster.server(0).resume();
        }
    }

    @Test
    void nothingMovesWhileTheStandbyIsLateAsWell() {
        try (NatsCluster cluster = NatsCluster.start(2);
                NatsClient client = connect(cluster)) {
            awaitStandby(cluster, 1);
            client.flush(TIMEOUT);

            cluster.server(0).pause();
            cluster.server(1).pause();
            long pausedNs = System.nanoTime();
            Eventually.eventually(
                    "several times what is late", () -> System.nanoTime() - pausedNs > 6 * LATE.toNanos());

            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
            assertThat(client.connectedUrl()).contains(cluster.urls().get(0));
            cluster.server(0).resume();
            cluster.server(1).resume();
            client.flush(TIMEOUT);
        }
    }
}
