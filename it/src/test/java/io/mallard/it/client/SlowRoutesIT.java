package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.judge.History.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.RouteDelay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two of the three servers reach each other late: 0 is the one that is left, 1 takes over, 2 is any third one. What the
 * client does when its server goes lame is exact all the same.
 */
@NoLeaks
class SlowRoutesIT {
    /** On a busy machine the load needs its time before the server evicts. */
    private static final Duration GRACE = Duration.ofSeconds(8);

    private static final int MESSAGES = 200;
    /** A message on a route is longer than that. */
    private static final int MESSAGE_BYTES = 16;

    @RegisterExtension
    final Clients clients = new Clients();

    @ParameterizedTest(name = "between {0} and {1}")
    @CsvSource({"0, 2", "1, 2", "0, 1"})
    void aPlainSubscriberGetsEachMessageOnceAndInOrderFromEveryNode(int oneNode, int otherNode) {
        try (Scenario scenario = scenario(new RouteDelay(oneNode, otherNode))) {
            NatsCluster cluster = scenario.cluster;
            List<Publisher> publishers = new ArrayList<>();
            for (int node = 0; node < cluster.size(); node++) {
                publishers.add(scenario.history.publisher("node " + node));
            }
            Receiver receiver = scenario.history.receiver("client", publishers.toArray(Publisher[]::new));
            NatsClient client = scenario.connect();
            client.subscribe("s.*", scenario.to(receiver));
            List<RawNats> sockets = new ArrayList<>();
            for (int node = 0; node < cluster.size(); node++) {
                RawNats socket = scenario.socket(node, message -> {});
                scenario.awaitInterest(socket, "s.probe", 1);
                sockets.add(socket);
            }
            long bytesBefore = cluster.routeProxy(oneNode, otherNode).delayedBytes();
            List<Load> loads = new ArrayList<>();
            for (int node = 0; node < cluster.size(); node++) {
                loads.add(scenario.publish(sockets.get(node), "s." + node, publishers.get(node), 500));
            }
            loads.forEach(load -> load.awaitMore(MESSAGES));

            HandoverReport report = scenario.leave(0, client);

            loads.forEach(load -> load.awaitMore(MESSAGES));
            loads.forEach(scenario::finish);
            Eventually.eventually("the last message", receiver::isComplete);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(report.duplicatesDropped())
                    .as("the fault: both servers delivered")
                    .isPositive();
            assertDelayed(scenario, oneNode, otherNode, bytesBefore);
            if (otherNode == 1) {
                assertThat(report.fenceNs()).isGreaterThanOrEqualTo(RouteDelay.DEFAULT_DELAY.toNanos());
            }
        }
    }

    @ParameterizedTest(name = "between {0} and {1}")
    @CsvSource({"1, 2", "0, 1"})
    void whatIsPublishedArrivesOnceAndInOrder(int oneNode, int otherNode) {
        try (Scenario scenario = scenario(new RouteDelay(oneNode, otherNode))) {
            HandoverReport report = leaveWhilePublishing(scenario, scenario.options(), oneNode, otherNode);

            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            if (otherNode == 1) {
                assertThat(report.fenceNs()).isGreaterThanOrEqualTo(RouteDelay.DEFAULT_DELAY.toNanos());
            }
        }
    }

    /** The client measures how far apart the two servers are, and cannot know of a third one: it has to be told. */
    @Test
    void whatIsPublishedArrivesInOrderAtAThirdServerThatIsFarIfTheSettleExceedsTheDelay() {
        try (Scenario scenario = scenario(new RouteDelay(0, 2))) {
            NatsOptions.Builder patient = scenario.options().publishSettle(Duration.ofMillis(150));

            HandoverReport report = leaveWhilePublishing(scenario, patient, 0, 2);

            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
        }
    }

    /** The control of the test above, far beyond what a busy machine makes of the default settle. */
    @Test
    void whatIsPublishedArrivesOnceButOutOfOrderAtAThirdServerThatIsFartherThanTheSettle() {
        try (Scenario scenario = scenario(new RouteDelay(0, 2, Duration.ofMillis(200)))) {
            leaveWhilePublishing(scenario, scenario.options(), 0, 2);

            assertThat(scenario.history.count(Kind.REORDERED)).isPositive();
            assertThat(scenario.history.count(Kind.LOST)).isZero();
            assertThat(scenario.history.count(Kind.DUPLICATED)).isZero();
        }
    }

    private Scenario scenario(RouteDelay delay) {
        NatsServerConfig template =
                NatsServerConfig.builder().lameDuckGrace(GRACE).build();
        return new Scenario(clients, NatsCluster.start(3, template, delay));
    }

    /** With receivers on both servers that stay. */
    private static HandoverReport leaveWhilePublishing(
            Scenario scenario, NatsOptions.Builder options, int oneNode, int otherNode) {
        Publisher publisher = scenario.history.publisher("client");
        Receiver one = scenario.history.receiver("node 1", publisher);
        Receiver two = scenario.history.receiver("node 2", publisher);
        scenario.receive(1, "s", one);
        scenario.receive(2, "s", two);
        scenario.awaitInterest(scenario.socket(0, message -> {}), "s", 2);
        scenario.awaitInterest(scenario.socket(1, message -> {}), "s", 2);
        NatsClient client = scenario.connect(options);
        long bytesBefore = scenario.cluster.routeProxy(oneNode, otherNode).delayedBytes();
        Load load = scenario.publish(client, "s", publisher, 1_000);
        load.awaitMore(MESSAGES);

        HandoverReport report = scenario.leave(0, client);

        load.awaitMore(MESSAGES);
        scenario.finish(load, one, two);
        assertDelayed(scenario, oneNode, otherNode, bytesBefore);
        return report;
    }

    private static void assertDelayed(Scenario scenario, int oneNode, int otherNode, long bytesBefore) {
        assertThat(scenario.cluster.routeProxy(oneNode, otherNode).delayedBytes() - bytesBefore)
                .as("the fault: bytes that were late")
                .isGreaterThan((long) MESSAGES * MESSAGE_BYTES);
    }
}
