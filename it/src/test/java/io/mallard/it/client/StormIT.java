package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Everything a client can be asked, from many threads at once, while its traffic moves (CONTRACT S85 to S90). */
@NoLeaks
class StormIT {
    private static final int MOVES = 8;
    private static final int SUBJECTS = 20;

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void whateverManyThreadsDoWhileTrafficMovesNothingIsLostAndNothingHangs() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher up = scenario.history.publisher("client");
            Publisher down = scenario.history.publisher("far");
            Receiver judge = scenario.history.receiver("judge", up);
            Receiver receiver = scenario.history.receiver("client", down);
            Requests requests = scenario.history.requests("requests");
            scenario.receive(2, "storm.up", judge);
            scenario.respond(2, "storm.echo", requests);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofMillis(100)));
            client.subscribe("storm.down", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "storm.down", 1);
            AtomicLong flushes = new AtomicLong();
            AtomicLong begun = new AtomicLong();
            Random random = new Random(1);
            try (Load subscribers = Load.start(4, 400, number -> {
                        Subscription subscription =
                                client.subscribe("storm.other." + random.nextInt(SUBJECTS), message -> {});
                        begun.incrementAndGet();
                        if (number % 2 == 0) {
                            subscription.unsubscribe(1 + number % 3);
                        }
                        subscription.unsubscribe();
                    });
                    Load flushers = Load.start(4, 400, number -> {
                        client.flush(Scenario.TIMEOUT);
                        flushes.incrementAndGet();
                    });
                    Load askers = Load.start(2, 2_000, number -> {
                        client.metrics();
                        client.isInLameDuckMode();
                        client.isHotSwapAvailable();
                        client.connectedUrl();
                    })) {
                Load upLoad = scenario.publish(client, "storm.up", up, 2_000);
                Load downLoad = scenario.publish(far, "storm.down", down, 2_000);
                Load requestLoad = scenario.request(client, "storm.echo", requests, 8, 800);
                requestLoad.awaitMore(50);

                for (int move = 0; move < MOVES; move++) {
                    Eventually.eventually("the standby", client::isHotSwapAvailable);
                    client.reconnect();
                    HandoverReport report = scenario.events.awaitReport(move);
                    assertThat(report.isExact()).as("%s", report).isTrue();
                }
                HandoverReport left = scenario.leave(0, leaveable(scenario, client));

                assertThat(left.isExact()).as("%s", left).isTrue();
                subscribers.stop();
                flushers.stop();
                askers.stop();
                assertThat(subscribers.failures()).isEmpty();
                assertThat(flushers.failures()).isEmpty();
                assertThat(askers.failures()).isEmpty();
                scenario.finish(requestLoad);
                scenario.finish(upLoad, judge);
                scenario.finish(downLoad, receiver);
            }
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(begun).hasValueGreaterThan(100);
            assertThat(flushes).hasValueGreaterThan(100);
            assertThat(client.metrics().pendingRequests()).isZero();
            client.flush(Scenario.TIMEOUT);
            int node = scenario.cluster.urls().indexOf(client.connectedUrl().orElseThrow());
            for (int subject = 0; subject < SUBJECTS; subject++) {
                assertThat(scenario.subscriptions(node, "storm.other." + subject))
                        .as("subscriptions that were left behind")
                        .isZero();
            }
            assertThat(scenario.events.of(Kind.ERROR)).isEmpty();
        }
    }

    /** Moves on until the client is on node 0. */
    private static NatsClient leaveable(Scenario scenario, NatsClient client) {
        int moves = MOVES;
        while (!client.connectedUrl()
                .orElseThrow()
                .equals(scenario.cluster.urls().get(0))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            client.reconnect();
            scenario.events.awaitReport(moves++);
        }
        Eventually.eventually("the standby", client::isHotSwapAvailable);
        return client;
    }

    @Test
    void aCloseAmongAllThatEndsEveryCallInTime() {
        for (int round = 0; round < 5; round++) {
            try (Scenario scenario = new Scenario(clients, 2);
                    RawNats responder = Peers.responder(scenario.cluster.server(1), "storm.echo")) {
                NatsClient client = scenario.connect();
                scenario.awaitResponder(client, "storm.echo");
                List<Load> loads = new ArrayList<>();
                loads.add(Load.start(4, 4_000, number -> client.publish("storm.up", new byte[16])));
                loads.add(Load.start(4, 1_000, number -> client.request("storm.echo", new byte[0], Scenario.TIMEOUT)));
                loads.add(Load.start(
                        2,
                        200,
                        number -> client.subscribe("storm.other", message -> {}).unsubscribe()));
                loads.add(Load.start(2, 200, number -> client.flush(Scenario.TIMEOUT)));
                loads.add(Load.start(1, 20, number -> client.reconnect()));
                loads.get(0).awaitMore(500);

                long beganNs = System.nanoTime();
                client.close();
                Duration took = Duration.ofNanos(System.nanoTime() - beganNs);

                loads.get(0).awaitMore(20);
                loads.forEach(Load::stop);
                assertThat(took).isLessThan(Duration.ofSeconds(3));
                assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                        .as("the last call has ended")
                        .isLessThan(Duration.ofSeconds(6));
                for (Load load : loads) {
                    assertThat(load.failures())
                            .allSatisfy(failure -> assertThat(failure)
                                    .isInstanceOfSatisfying(
                                            NatsException.class,
                                            e -> assertThat(e.status())
                                                    .isIn(NatsStatus.CONNECTION_CLOSED, NatsStatus.NO_SERVER)));
                }
                assertThat(responder.isClosed()).isFalse();
                assertThat(loads.get(0).failures())
                        .as("the fault: it was closed")
                        .isNotEmpty();
            }
        }
    }
}
