package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverMode;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.Subscription;
import io.mallard.it.judge.History.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a client does when its server goes lame: each message arrives once, in order. */
@NoLeaks
class ExactHandoverIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void whatIsPublishedArrivesOnceAndInOrderOnEveryNode() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver one = scenario.history.receiver("node 1", publisher);
            Receiver two = scenario.history.receiver("node 2", publisher);
            scenario.receive(1, "e", one);
            scenario.receive(2, "e", two);
            NatsClient client = scenario.connect();
            Load load = scenario.publish(client, "e", publisher, 5_000);
            load.awaitMore(1_000);

            HandoverReport report = scenario.leave(0, client);

            load.awaitMore(1_000);
            scenario.finish(load, one, two);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(client.metrics().publishesInDoubt()).isZero();
        }
    }

    @Test
    void aPlainSubscriberGetsEachMessageOnceAndInOrder() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher first = scenario.history.publisher("first");
            Publisher second = scenario.history.publisher("second");
            Receiver receiver = scenario.history.receiver("client", first, second);
            NatsClient client = scenario.connect();
            client.subscribe("e.>", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            RawNats near = scenario.socket(1, message -> {});
            scenario.awaitInterest(far, "e.probe", 1);
            scenario.awaitInterest(near, "e.probe", 1);
            Load farLoad = scenario.publish(far, "e.far", first, 2_500);
            Load nearLoad = scenario.publish(near, "e.near", second, 2_500);
            farLoad.awaitMore(500);

            HandoverReport report = scenario.leave(0, client);

            nearLoad.awaitMore(500);
            scenario.finish(farLoad);
            scenario.finish(nearLoad, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(report.reason()).isEqualTo(HandoverReason.LAME_DUCK);
            assertThat(report.duplicatesDropped())
                    .as("the fault: both servers delivered")
                    .isPositive();
            assertThat(report.fenceNs()).isPositive();
            assertThat(client.metrics().duplicatesDropped()).isEqualTo(report.duplicatesDropped());
        }
    }

    /** The control of the test above: without the merge the judge finds copies, and only that. */
    @Test
    void atLeastOnceDeliversTheCopiesOfTheOverlap() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().handover(HandoverMode.AT_LEAST_ONCE));
            client.subscribe("e", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "e", 1);
            Load load = scenario.publish(far, "e", publisher, 1_000);
            load.awaitMore(100);

            scenario.leave(0, client);

            load.awaitMore(100);
            scenario.finish(load, receiver);
            assertThat(scenario.history.count(Kind.DUPLICATED)).isPositive();
            assertThat(scenario.history.count(Kind.LOST)).isZero();
            assertThat(client.metrics().duplicatesDropped()).isZero();
        }
    }

    @Test
    void aQueueGroupGetsEachMessageOnce() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver group = scenario.history.group("group", publisher);
            NatsClient leaver = scenario.connect();
            NatsClient stayer = scenario.bystander(2);
            AtomicLong leaverGot = new AtomicLong();
            leaver.subscribe("e", "g", message -> {
                leaverGot.incrementAndGet();
                scenario.to(group).onMessage(message);
            });
            stayer.subscribe("e", "g", scenario.to(group));
            RawNats far = scenario.socket(2, message -> {});
            leaver.flush(Scenario.TIMEOUT);
            scenario.awaitInterest(far, "e", 1);
            Load load = scenario.publish(far, "e", publisher, 5_000);
            load.awaitMore(1_000);

            HandoverReport report = scenario.leave(0, leaver);

            load.awaitMore(1_000);
            load.stop();
            Eventually.eventually("every message", () -> group.received() >= publisher.sent());
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(leaverGot).hasPositiveValue();
            assertThat(report.isExact()).as("%s", report).isTrue();
        }
    }

    @Test
    void aResponderAnswersEachRequestOnce() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Requests requests = scenario.history.requests("requests");
            NatsClient responder = scenario.connect();
            responder.subscribe("e", "responders", message -> {
                if (message.payload().length > 0) {
                    requests.executed(message.payload());
                }
                message.respond(message.payload());
            });
            NatsClient requester = scenario.bystander(2);
            responder.flush(Scenario.TIMEOUT);
            scenario.awaitResponder(requester, "e");
            Load load = scenario.request(requester, "e", requests, 4, 1_000);
            load.awaitMore(300);

            scenario.leave(0, responder);

            load.awaitMore(300);
            scenario.finish(load);
            scenario.history.assertExact(Scenario.LATEST);
        }
    }

    @Test
    void aRequesterGetsItsFastAndItsSlowAnswers() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Requests fast = scenario.history.requests("fast");
            Requests slow = scenario.history.requests("slow");
            scenario.respond(2, "e.fast", fast);
            Executor later = CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS);
            RawNats slowReplies = scenario.socket(2, message -> {});
            RawNats slowResponder = scenario.socket(2, message -> {
                slow.executed(message.payload());
                later.execute(() -> {
                    slowReplies.publish(String.valueOf(message.reply()), message.payload());
                    slowReplies.flush();
                });
            });
            slowResponder.subscribe("e.slow", 1);
            slowResponder.ping();
            NatsClient requester = scenario.connect();
            Load fastLoad = scenario.request(requester, "e.fast", fast, 4, 1_000);
            Load slowLoad = scenario.request(requester, "e.slow", slow, 50, 50);
            slowLoad.awaitMore(10);

            HandoverReport report = scenario.leave(0, requester);

            fastLoad.awaitMore(300);
            slowLoad.awaitMore(50);
            scenario.finish(fastLoad);
            scenario.finish(slowLoad);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.requestsTimedOut()).isZero();
        }
    }

    @Test
    void withoutEchoAClientNeverHearsItself() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher own = scenario.history.publisher("client");
            Publisher others = scenario.history.publisher("others");
            Receiver judge = scenario.history.receiver("judge", own);
            Receiver receiver = scenario.history.receiver("client", others);
            NatsClient client = scenario.connect(scenario.options().noEcho(true));
            AtomicInteger echoes = new AtomicInteger();
            client.subscribe("e.own", message -> echoes.incrementAndGet());
            client.subscribe("e.own", "group", message -> echoes.incrementAndGet());
            client.subscribe("e.others", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.receive(2, "e.own", judge);
            scenario.awaitInterest(far, "e.others", 1);
            Load ownLoad = scenario.publish(client, "e.own", own, 2_000);
            Load othersLoad = scenario.publish(far, "e.others", others, 1_000);
            ownLoad.awaitMore(500);

            scenario.leave(0, client);

            ownLoad.awaitMore(500);
            scenario.finish(ownLoad, judge);
            scenario.finish(othersLoad, receiver);
            client.flush(Scenario.TIMEOUT);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(echoes).hasValue(0);
        }
    }

    @Test
    void aLimitedSubscriptionGetsThatManyMessagesOverTwoHandovers() {
        int limit = 1_000;
        try (Scenario scenario = new Scenario(clients, 4)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver group = scenario.history.group("group", publisher);
            NatsClient client = scenario.connect();
            AtomicInteger plain = new AtomicInteger();
            AtomicInteger queued = new AtomicInteger();
            Subscription limited = client.subscribe("e", message -> {
                if (message.payload().length > 0) {
                    plain.incrementAndGet();
                }
            });
            Subscription member = client.subscribe("e", "g", message -> {
                queued.incrementAndGet();
                scenario.to(group).onMessage(message);
            });
            limited.unsubscribe(limit);
            member.unsubscribe(limit);
            NatsClient stayer = scenario.bystander(3);
            stayer.subscribe("e", "g", scenario.to(group));
            stayer.flush(Scenario.TIMEOUT);
            RawNats far = scenario.socket(3, message -> {});
            scenario.awaitInterest(far, "e", 1);
            Load load = scenario.publish(far, "e", publisher, 400);
            load.awaitMore(100);

            scenario.leave(0, client);
            Eventually.eventually("the next standby", client::isHotSwapAvailable);
            assertThat(limited.isActive()).isTrue();
            int second = scenario.cluster.urls().indexOf(client.connectedUrl().orElseThrow());
            scenario.leave(second, client);
            Eventually.eventually("both limits", () -> !limited.isActive() && !member.isActive());
            load.awaitMore(200);

            load.stop();
            Eventually.eventually("every message", () -> group.received() >= publisher.sent());
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(queued).hasValue(limit);
            Eventually.eventually("the handler to end", () -> limited.pendingMessages() == 0);
            assertThat(plain.get()).isBetween(limit - 50, limit); // Probes count too.
        }
    }

    /** Distinct and identical messages, further apart than the two servers' ways differ, across the overlap. */
    @Test
    void fiftyIdenticalMessagesThatAreFarEnoughApartAreDeliveredOnceEach() {
        int count = 50;
        int perSecond = 10;
        Duration overlap = Duration.ofSeconds(count / perSecond);
        NatsServerConfig patient = NatsServerConfig.builder()
                .lameDuckGrace(overlap.plus(Scenario.GRACE))
                .build();
        try (Scenario scenario = new Scenario(clients, NatsCluster.start(3, patient))) {
            Publisher distinct = scenario.history.publisher("distinct");
            Receiver receiver = scenario.history.receiver("client", distinct);
            AtomicInteger identical = new AtomicInteger();
            NatsClient client = scenario.connect(scenario.options().overlap(overlap));
            client.subscribe("e.distinct", scenario.to(receiver));
            client.subscribe("e.identical", message -> identical.incrementAndGet());
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "e.distinct", 1);
            AtomicInteger sent = new AtomicInteger();
            Load load = scenario.publish(far, "e.distinct", distinct, perSecond);
            try (Load same = Load.start(1, perSecond, number -> {
                far.publish("e.identical", new byte[] {'x'});
                far.flush();
                sent.incrementAndGet();
            })) {
                load.awaitMore(5);
                int sentBefore = sent.get();

                HandoverReport report = scenario.leave(0, client);

                assertThat(sent.get() - sentBefore).as("in the window").isGreaterThanOrEqualTo(count);
                load.awaitMore(10);
                same.stop();
                scenario.finish(load, receiver);
                assertThat(report.duplicatesDropped())
                        .as("the fault: both servers delivered")
                        .isPositive();
                assertThat(report.isExact()).as("%s", report).isTrue();
            }
            scenario.history.assertExact(Scenario.LATEST);
            far.ping();
            Eventually.eventually("all identical ones", () -> identical.get() >= sent.get());
            client.flush(Scenario.TIMEOUT);
            assertThat(identical).hasValue(sent.get());
        }
    }

    @Test
    void identicalMessagesCloserThanThatAreNeverLostAndCounted() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            AtomicInteger received = new AtomicInteger();
            AtomicInteger sent = new AtomicInteger();
            NatsClient client = scenario.connect();
            client.subscribe("e", message -> received.incrementAndGet());
            RawNats far = scenario.socket(2, message -> {});
            Eventually.eventually("interest", () -> {
                far.publish("e", new byte[0]);
                far.flush();
                return received.get() > 0;
            });
            far.ping();
            client.flush(Scenario.TIMEOUT);
            Eventually.eventually("the probes", () -> client.metrics().handovers() == 0);
            received.set(0);
            try (Load same = Load.start(1, 2_000, number -> {
                far.publish("e", new byte[] {'x'});
                far.flush();
                sent.incrementAndGet();
            })) {
                same.awaitMore(500);

                HandoverReport report = scenario.leave(0, client);

                same.awaitMore(500);
                same.stop();
                assertThat(report.ambiguous()).isPositive();
                assertThat(report.isExact()).as("%s", report).isFalse();
                assertThat(report.isWithoutLoss()).isTrue();
                Eventually.eventually("every message", () -> received.get() >= sent.get());
                assertThat(received.get()).isLessThanOrEqualTo(sent.get() + (int) report.ambiguous());
            }
        }
    }

    @Test
    void aMoveThatWasAskedForIsAsExact() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher up = scenario.history.publisher("client");
            Publisher down = scenario.history.publisher("far");
            Receiver judge = scenario.history.receiver("judge", up);
            Receiver receiver = scenario.history.receiver("client", down);
            Requests requests = scenario.history.requests("requests");
            scenario.receive(2, "e.up", judge);
            scenario.respond(2, "e.echo", requests);
            NatsClient client = scenario.connect();
            client.subscribe("e.down", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "e.down", 1);
            Load upLoad = scenario.publish(client, "e.up", up, 2_000);
            Load downLoad = scenario.publish(far, "e.down", down, 2_000);
            Load requestLoad = scenario.request(client, "e.echo", requests, 2, 500);
            requestLoad.awaitMore(100);
            String before = client.connectedUrl().orElseThrow();

            for (int moves = 0; moves < 3; moves++) {
                Eventually.eventually("the standby", client::isHotSwapAvailable);
                scenario.history.event("asked to move");
                client.reconnect();
                HandoverReport report = scenario.events.awaitReport(moves);
                assertThat(report.reason()).isEqualTo(HandoverReason.REQUESTED);
                assertThat(report.isExact()).as("%s", report).isTrue();
                assertThat(client.connectedUrl()).isPresent().isNotEqualTo(before);
                before = client.connectedUrl().orElseThrow();
            }

            downLoad.awaitMore(200);
            scenario.finish(requestLoad);
            scenario.finish(upLoad, judge);
            scenario.finish(downLoad, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(client.isInLameDuckMode()).isFalse();
            assertThat(client.metrics().lameDuckEvents()).isZero();
        }
    }
}
