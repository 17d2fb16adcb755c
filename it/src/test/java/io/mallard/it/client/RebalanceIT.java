package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node comes back, and some of the clients go there. */
@NoLeaks
class RebalanceIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(100);
    private static final int CLIENTS = 18;

    @RegisterExtension
    final Clients clients = new Clients();

    private final List<HandoverReport> reports = new CopyOnWriteArrayList<>();

    private NatsOptions.Builder options(NatsCluster cluster, int number) {
        return NatsOptions.builder()
                .servers(cluster.urls().get(0), cluster.urls().get(1))
                .noRandomize(true)
                .seed(number)
                .name("duck-" + number)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON)
                .listener(new ClientListener() {
                    @Override
                    public void onHandoverComplete(HandoverReport report) {
                        reports.add(report);
                    }
                });
    }

    @Test
    void aNodeThatJoinsGetsItsShareOfTheClientsThatWantTo() {
        try (NatsCluster cluster = NatsCluster.start(3)) {
            cluster.kill(2);
            cluster.server(2).awaitExit(TIMEOUT);
            cluster.awaitRoutes();
            List<NatsClient> moving = new ArrayList<>();
            List<Numbers> received = new ArrayList<>();
            try (RawNats judge = RawNats.connect(cluster.urls().get(1), message -> {});
                    NatsClient staying = clients.connect(options(cluster, 0))) {
                for (int i = 1; i <= CLIENTS; i++) {
                    NatsClient client = clients.connect(options(cluster, i).rebalance(true));
                    Numbers numbers = new Numbers();
                    client.subscribe("s", message -> numbers.add(message.payload()));
                    client.flush(TIMEOUT);
                    moving.add(client);
                    received.add(numbers);
                }
                Eventually.eventually(
                        "all subscriptions at the judge's server",
                        () -> cluster.server(1)
                                        .monitoring("/subsz")
                                        .path("num_subscriptions")
                                        .asInt()
                                >= 1);

                cluster.restart(2);
                String joined = cluster.urls().get(2);
                Eventually.eventually("the first move", () -> !reports.isEmpty());
                Load load = Load.start(1, 200, number -> {
                    judge.publish("s", Numbers.payload(number));
                    judge.flush();
                });
                int moved = awaitTheLast(moving, joined);
                long last = load.stop();
                judge.ping();

                assertThat(moved).as("some and not all").isBetween(1, CLIENTS - 1);
                assertThat(reports).hasSize(moved).allSatisfy(report -> {
                    assertThat(report.reason()).isEqualTo(HandoverReason.REBALANCE);
                    assertThat(report.toUrl()).isEqualTo(joined);
                });
                assertThat(staying.connectedUrl()).contains(cluster.urls().get(0));
                Eventually.eventuallyAsserted(() -> assertThat(received)
                        .allSatisfy(numbers -> assertThat(numbers.received()).hasSize((int) last)));
                assertThat(received).allSatisfy(numbers -> {
                    assertThat(numbers.received()).isSorted();
                    assertThat(numbers.missing(last)).isEmpty();
                });
            } finally {
                moving.forEach(NatsClient::close);
            }
        }
    }

    /** How many have gone there, by their ledgers, once no move has ended for longer than any takes. */
    private int awaitTheLast(List<NatsClient> moving, String joined) {
        long[] lastNs = {System.nanoTime()};
        int[] ended = {0};
        Eventually.eventually("the last move", () -> {
            if (reports.size() > ended[0]) {
                ended[0] = reports.size();
                lastNs[0] = System.nanoTime();
            }
            return System.nanoTime() - lastNs[0] > Duration.ofSeconds(3).toNanos();
        });
        return (int) moving.stream()
                .filter(client -> client.connectedUrl().filter(joined::equals).isPresent())
                .count();
    }
}
