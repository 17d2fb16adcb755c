package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A handover at the edges: too much, too many, too fast, not allowed, and in the middle of something else. */
@NoLeaks
class HandoverLimitsIT {
    @RegisterExtension
    final Clients clients = new Clients();

    /** The server evicts before the overlap is over: that costs messages, and the ledger says so. */
    @Test
    void aServerThatGivesNoTimeIsLeftAllTheSameAndTheLedgerSaysWhatThatMayHaveCost() {
        NatsServerConfig hasty =
                NatsServerConfig.builder().lameDuckGrace(Duration.ofMillis(1)).build();
        try (Scenario scenario = new Scenario(clients, NatsCluster.start(3, hasty))) {
            Publisher up = scenario.history.publisher("client");
            Publisher down = scenario.history.publisher("far");
            Receiver judge = scenario.history.receiver("judge", up);
            Receiver receiver = scenario.history.receiver("client", down);
            scenario.receive(2, "h.up", judge);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(3)));
            client.subscribe("h.down", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h.down", 1);
            Load upLoad = scenario.publish(client, "h.up", up, 2_000);
            Load downLoad = scenario.publish(far, "h.down", down, 2_000);
            upLoad.awaitMore(500);

            scenario.lameDuck(0);
            HandoverReport report = scenario.events.awaitReport(0);

            scenario.cluster.server(0).awaitLog("Closing existing clients", Scenario.TIMEOUT);
            upLoad.awaitMore(500);
            // What could not be sent for a while comes all at once: only the last message tells that nothing is on its
            // way.
            scenario.finish(upLoad, judge);
            scenario.finish(downLoad, receiver);
            assertThat(report.subscriptionGap()).as("the fault: %s", report).isTrue();
            assertThat(report.isWithoutLoss()).isFalse();
            assertThat(scenario.history.count(History.Kind.DUPLICATED)).isZero();
            assertThat(lost(scenario.history, "client → judge"))
                    .isLessThanOrEqualTo(client.metrics().publishesInDoubt());
        }
    }

    private static long lost(History history, String path) {
        return history.verdict(Scenario.LATEST).stream()
                .filter(finding ->
                        finding.kind() == History.Kind.LOST && finding.text().startsWith(path))
                .mapToLong(History.Finding::count)
                .sum();
    }

    @Test
    void tenThousandSubscriptionsMove() {
        int count = 10_000;
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect();
            AtomicInteger others = new AtomicInteger();
            for (int i = 0; i < count - 1; i++) {
                client.subscribe("h.many." + i, message -> others.incrementAndGet());
            }
            client.subscribe("h.last", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h.last", 1);
            Load load = scenario.publish(far, "h.last", publisher, 1_000);
            load.awaitMore(100);

            HandoverReport report = scenario.leave(0, client);

            load.awaitMore(100);
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            for (int i = 0; i < count - 1; i++) {
                far.publish("h.many." + i, new byte[1]);
            }
            far.flush();
            Eventually.eventually("one message for each", () -> others.get() == count - 1);
        }
    }

    @Test
    void twoHundredClientsLeaveOneServerAtOnce() {
        int count = 200;
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Requests requests = scenario.history.requests("requests");
            scenario.respond(2, "h.echo", requests);
            List<NatsClient> all = new ArrayList<>();
            List<Receiver> receivers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Receiver receiver = scenario.history.receiver("client " + i, publisher);
                NatsClient client = scenario.connectSoon(scenario.options()
                        .listener(new Events())
                        .handoverJitter(Duration.ofMillis(300))
                        .standbyRefillJitter(Duration.ofSeconds(2)));
                client.subscribe("h.all", scenario.to(receiver));
                all.add(client);
                receivers.add(receiver);
            }
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h.all", count);
            Eventually.eventually("all standbys", () -> all.stream().allMatch(NatsClient::isHotSwapAvailable));
            Load load = scenario.publish(far, "h.all", publisher, 50);
            AtomicInteger next = new AtomicInteger();
            try (Load asking = Load.start(4, 400, number -> {
                byte[] payload = requests.begin();
                NatsClient client = all.get(next.getAndIncrement() % count);
                try {
                    requests.answered(
                            payload,
                            client.request("h.echo", payload, Scenario.TIMEOUT).payload());
                } catch (NatsException e) {
                    requests.failed(payload, e);
                }
            })) {
                load.awaitMore(20);

                scenario.lameDuck(0);

                Eventually.eventually(
                        "all to have left",
                        () -> all.stream()
                                .noneMatch(client -> client.metrics().handovers() == 0 || client.isInLameDuckMode()));
                assertThat(scenario.cluster.server(0).isAlive()).isTrue();
                load.awaitMore(20);
                asking.stop();
            }
            scenario.finish(load, receivers.toArray(Receiver[]::new));
            scenario.history.assertExact(Scenario.LATEST);
        }
    }

    @Test
    void aFenceThatPermissionsForbidLeavesTheOverlapToTime() {
        NatsServerConfig strict = NatsServerConfig.builder()
                .lameDuckGrace(Scenario.GRACE)
                .extra("authorization { users: [ { user: \"judge\", password: \"j\" },"
                        + " { user: \"u\", password: \"p\", permissions: { publish: { deny: \"_INBOX.>\" } } } ] }")
                .build();
        try (NatsCluster cluster = NatsCluster.start(3, strict);
                RawNats far = RawNats.connect(cluster.server(2).url(), "judge", "j", message -> {})) {
            Events events = new Events();
            History history = new History();
            Publisher publisher = history.publisher("far");
            Receiver receiver = history.receiver("client", publisher);
            AtomicInteger probes = new AtomicInteger();
            NatsClient client = clients.connect(NatsOptions.builder()
                    .servers(cluster.urls().toArray(String[]::new))
                    .noRandomize(true)
                    .user("u", "p")
                    .listener(events)
                    .handoverJitter(Duration.ofMillis(50)));
            try (client) {
                client.subscribe("h", message -> {
                    if (message.payload().length == 0) {
                        probes.incrementAndGet();
                    } else {
                        receiver.received(message.payload());
                    }
                });
                Eventually.eventually("interest", () -> {
                    far.publish("h", new byte[0]);
                    far.ping();
                    return probes.get() > 0;
                });
                Eventually.eventually("the standby", client::isHotSwapAvailable);
                try (Load load = Load.start(1, 1_000, number -> {
                    far.publish("h", publisher.next());
                    far.flush();
                })) {
                    load.awaitMore(100);

                    cluster.lameDuck(0);
                    HandoverReport report = events.awaitReport(0);

                    load.awaitMore(100);
                    load.stop();
                    Eventually.eventually("the last message", receiver::isComplete);
                    assertThat(report.fenceNs()).as("the fault: no fence").isNegative();
                    assertThat(report.isExact()).as("%s", report).isTrue();
                    assertThat(cluster.server(1).log()).anyMatch(line -> line.contains("Publish Violation"));
                }
                history.assertExact(Scenario.LATEST);
                assertThat(events.of(Kind.ERROR))
                        .as("the user has done nothing wrong")
                        .isEmpty();
            }
        }
    }

    @Test
    void whatCannotBeHeldIsDeliveredAndCounted() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().handoverMaxHeldBytes(0));
            client.subscribe("h", scenario.to(receiver));
            RawNats far = scenario.socket(1, message -> {}); // B's own, so that B is often ahead of A.
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 2_000);
            load.awaitMore(200);

            HandoverReport report = scenario.leave(0, client);

            load.awaitMore(200);
            scenario.finish(load, receiver);
            assertThat(report.heldOverLimit()).isPositive();
            assertThat(report.isExact()).isFalse();
            assertThat(client.metrics().heldOverLimit()).isEqualTo(report.heldOverLimit());
            assertThat(scenario.history.count(History.Kind.LOST)).isZero();
            assertThat(scenario.history.count(History.Kind.DUPLICATED)).isLessThanOrEqualTo(report.heldOverLimit());
        }
    }

    @Test
    void aSlowConsumerIsToldOfOnceAndTheOthersStayExact() throws InterruptedException {
        CountDownLatch awake = new CountDownLatch(1);
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect();
            Subscription slow = client.subscribe("h.>", message -> {
                boolean inTime = awake.await(30, TimeUnit.SECONDS);
                assertThat(inTime).isTrue();
            });
            client.subscribe("h.fast", scenario.to(receiver));
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h.fast", 1);
            Load load = scenario.publish(far, "h.fast", publisher, 1_000);
            byte[] large = new byte[1 << 20];
            AtomicLong blobs = new AtomicLong();
            try (Load flood = Load.start(1, 60, number -> {
                byte[] blob = large.clone();
                blob[0] = (byte) number;
                far.publish("h.blob", blob);
                far.flush();
                blobs.incrementAndGet();
            })) {
                Eventually.eventually("the slow one to be slow", () -> slow.droppedMessages() > 0);
                long droppedBefore = slow.droppedMessages();

                HandoverReport report = scenario.leave(0, client);

                assertThat(report.cost().messagesDropped()).isPositive();
                assertThat(report.isWithoutLoss()).as("%s", report).isFalse();
                flood.awaitMore(10);
                flood.stop();
                assertThat(slow.droppedMessages()).isGreaterThan(droppedBefore);
                assertThat(slow.droppedMessages()).as("no copy was counted").isLessThan(blobs.get());
            }
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(scenario.events.of(Kind.SLOW_CONSUMER)).hasSize(1);
        } finally {
            awake.countDown();
        }
    }

    @Test
    void subscriptionsBeginAndEndInTheMiddleOfTheMerge() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(1)));
            client.subscribe("h", scenario.to(receiver));
            AtomicInteger afterEnd = new AtomicInteger();
            AtomicInteger late = new AtomicInteger();
            AtomicInteger ended = new AtomicInteger();
            Subscription ending = client.subscribe("h", message -> {
                if (ended.get() > 0) {
                    afterEnd.incrementAndGet();
                }
            });
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 1_000);
            load.awaitMore(100);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the other server to have it too", () -> scenario.hasSubscription(1, "h"));
            ending.unsubscribe();
            Subscription begun = client.subscribe("h", message -> late.incrementAndGet());
            client.flush(Scenario.TIMEOUT);
            int lateAtFlush = late.get();
            ended.set(1);
            Eventually.eventually("the new one to hear", () -> late.get() > lateAtFlush);
            assertThat(client.isInLameDuckMode())
                    .as("still in the middle of it")
                    .isTrue();
            scenario.events.awaitReport(0);
            begun.unsubscribe();

            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(afterEnd).hasValueLessThanOrEqualTo(1); // The one that was being handled.
        }
    }

    @Test
    void aDrainInTheMiddleOfTheMergeEndsWithTheLastMessageOfBothServers() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(1)));
            client.subscribe("h", scenario.to(receiver));
            List<Long> numbers = new ArrayList<>();
            Subscription drained = client.subscribe("h", message -> {
                if (message.payload().length > 0) {
                    numbers.add(numberIn(message.payload()));
                }
            });
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 2_000);
            load.awaitMore(100);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the other server to have it too", () -> scenario.hasSubscription(1, "h"));
            long sentAtDrain = publisher.sent();
            CompletableFuture<Void> end = drained.drain(Scenario.TIMEOUT);
            assertThat(client.isInLameDuckMode())
                    .as("still in the middle of it")
                    .isTrue();
            end.get(Scenario.TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            HandoverReport report = scenario.events.awaitReport(0);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(drained.isActive()).isFalse();
            assertThat(drained.pendingMessages()).isZero();
            long first = numbers.get(0);
            for (int i = 0; i < numbers.size(); i++) {
                assertThat(numbers.get(i))
                        .as("message %d of the drained one", i)
                        .isEqualTo(first + i);
            }
            assertThat(first + numbers.size()).isGreaterThanOrEqualTo(sentAtDrain);
            Eventually.eventually(
                    "the servers to have forgotten the drained one", () -> scenario.subscriptions(1, "h") == 1);
            load.awaitMore(100);
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
        }
    }

    private static long numberIn(byte[] payload) {
        String text = new String(payload, US_ASCII);
        return Long.parseLong(text.substring(text.indexOf(':') + 1));
    }

    @Test
    void pendingLimitsSetInTheMiddleOfTheMergeHoldFromThenOn() throws InterruptedException {
        CountDownLatch awake = new CountDownLatch(1);
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(1)));
            client.subscribe("h", scenario.to(receiver));
            Subscription slow = client.subscribe("h", message -> {
                boolean inTime = awake.await(30, TimeUnit.SECONDS);
                assertThat(inTime).isTrue();
            });
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "h", 1);
            Load load = scenario.publish(far, "h", publisher, 1_000);
            load.awaitMore(100);

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            assertThat(slow.droppedMessages()).isZero();
            slow.setPendingLimits(10, 1 << 20);
            scenario.events.await(Kind.SLOW_CONSUMER);
            assertThat(client.isInLameDuckMode())
                    .as("still in the middle of it")
                    .isTrue();

            scenario.events.awaitReport(0);
            assertThat(slow.droppedMessages()).isPositive();
            awake.countDown();
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
        } finally {
            awake.countDown();
        }
    }

    @Test
    void closeInTheMiddleOfTheMergeEndsEverythingInTime() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(2, "h.up", judge);
            NatsClient client = scenario.connect(scenario.options().overlap(Duration.ofSeconds(2)));
            client.subscribe("h.down", message -> {});
            Load load = scenario.publish(client, "h.up", publisher, 2_000);
            load.awaitMore(200);
            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            load.awaitMore(200);
            load.stop();
            assertThat(client.isInLameDuckMode()).isTrue();

            long beganNs = System.nanoTime();
            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(3));
            Eventually.eventually("the last message", judge::isComplete);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(client.metrics().publishesInDoubt()).isZero();
            assertThatThrownBy(client::reconnect)
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
        }
    }

    @Test
    void askedToMoveWithNowhereToGoItStaysAndSaysSo() {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = clients.connect(scenario.options().hotSwapTimeout(Duration.ofMillis(200)));
            try (client) {
                assertThatThrownBy(client::reconnect)
                        .isInstanceOfSatisfying(
                                NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER))
                        .hasMessageContaining("200 ms")
                        .hasMessageContaining(scenario.cluster.urls().get(0));
                client.flush(Scenario.TIMEOUT);
                assertThat(scenario.events.of(Kind.DISCONNECTED)).isEmpty();
            }
        }
    }
}
