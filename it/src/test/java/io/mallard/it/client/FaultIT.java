package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.support.Clients;
import io.mallard.it.support.Fault;
import io.mallard.it.support.FaultCounts;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.TcpProxy;
import io.mallard.it.support.TcpProxy.Direction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client does on ways that are slow, that break, and that lie. */
@NoLeaks
class FaultIT {
    private static final int MESSAGES = 300;
    /** Ten times what may be in doubt, for a machine that has other things to do. */
    private static final Duration WIDEST = Duration.ofSeconds(1);

    @RegisterExtension
    final Clients clients = new Clients();

    /** What is slow, and at which ways. */
    record Slow(String name, Fault fault, ToLongFunction<FaultCounts> count, List<Integer> ways) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Slow> slow() {
        List<Integer> all = List.of(0, 1, 2);
        Fault late = new Fault.Delay(Duration.ofMillis(40));
        return List.of(
                new Slow("delay", new Fault.Delay(Duration.ofMillis(20)), FaultCounts::delayedChunks, all),
                new Slow("delay of the one that leaves", late, FaultCounts::delayedChunks, List.of(0)),
                new Slow("delay of the one that takes over", late, FaultCounts::delayedChunks, List.of(1)),
                new Slow("jitter", new Fault.Jitter(Duration.ofMillis(20)), FaultCounts::delayedChunks, all),
                new Slow("throttle", new Fault.Throttle(200_000), FaultCounts::throttledChunks, all),
                new Slow("single bytes", new Fault.SingleBytes(), FaultCounts::singleBytes, all));
    }

    @ParameterizedTest
    @MethodSource("slow")
    void aWayThatIsOnlySlowLosesRepeatsAndReordersNothingInALameDuckHandover(Slow slow) {
        try (FaultScene scene = new FaultScene(clients)) {
            NatsClient client = scene.scenario.connect(scene.patient());
            slow.ways.forEach(way -> scene.ways.get(way).inject(slow.fault));
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);
            long before = scene.happened(slow.count);

            HandoverReport report =
                    scene.scenario.leave(0, client, scene.ways.get(0).url());

            traffic.awaitMore(MESSAGES);
            long after = scene.happened(slow.count);
            traffic.finish();
            scene.scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(after).as("the fault, in the handover").isGreaterThan(before);
            assertThat(client.metrics().publishesInDoubt()).isZero();
            assertThat(scene.scenario.events.of(Kind.DISCONNECTED)).isEmpty();
            scene.killLame(0);
        }
    }

    /** The copies of what the old server delivers come later than an overlap is long. */
    @Test
    void aNextServerThatStandsStillInTheOverlapRepeatsNothing() {
        try (FaultScene scene = new FaultScene(clients)) {
            NatsClient client = scene.scenario.connect(scene.patient());
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);
            TcpProxy next = scene.ways.get(1);

            scene.scenario.lameDuck(0);
            Eventually.eventually(
                    "the subscription on both", () -> scene.scenario.hasSubscription(1, traffic.inSubject()));
            next.inject(Direction.BACK, new Fault.Stall());
            traffic.awaitMoreSent(MESSAGES);
            assertThat(scene.scenario.hasSubscription(0, traffic.inSubject()))
                    .as("the old server delivers")
                    .isTrue();
            next.heal();

            HandoverReport report = scene.scenario.events.awaitReport(0);
            traffic.awaitMore(MESSAGES);
            traffic.finish();
            scene.scenario.history.assertExact(Scenario.LATEST);
            assertThat(next.counts().stalls()).as("the fault").isPositive();
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(report.duplicatesDropped()).as("copies").isGreaterThanOrEqualTo(MESSAGES);
            scene.killLame(0);
        }
    }

    /**
     * What breaks the way that the client is on.
     *
     * @param isHeard whether the server hears of it at once
     */
    record Break(String name, Consumer<TcpProxy> happening, ToLongFunction<FaultCounts> count, boolean isHeard) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Consumer<TcpProxy> inject(Direction direction, Fault fault) {
        return way -> way.inject(direction, fault);
    }

    static List<Break> breaks() {
        Fault inPayload = new Fault.CutInPayload();
        Fault stall = new Fault.Stall();
        return List.of(
                new Break("reset", TcpProxy::reset, FaultCounts::resets, true),
                new Break("cut in a publish", inject(Direction.THERE, inPayload), FaultCounts::cuts, true),
                new Break("cut in a message", inject(Direction.BACK, inPayload), FaultCounts::cuts, true),
                new Break("cut", inject(Direction.BACK, new Fault.CutAfter(1_001)), FaultCounts::cuts, true),
                new Break("half-open", TcpProxy::halfOpen, FaultCounts::halfOpened, true),
                new Break("stall there", inject(Direction.THERE, stall), FaultCounts::stalls, false),
                new Break("stall back", inject(Direction.BACK, stall), FaultCounts::stalls, false),
                new Break("black hole", way -> way.inject(new Fault.BlackHole()), FaultCounts::bytesSwallowed, false));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void aWayThatBreaksIsLeftAndCostsNoMoreThanWhatIsInDoubt(Break how) {
        try (FaultScene scene = new FaultScene(clients)) {
            TcpProxy way = scene.ways.get(0);
            NatsClient client = scene.scenario.connect(scene.impatient());
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);
            assertThat(client.connectedUrl()).contains(way.url());

            scene.scenario.history.event(how.toString());
            long sentBefore = traffic.out.sent() - WIDEST.toSeconds() * Traffic.RATE;
            long brokenNs = System.nanoTime();
            how.happening.accept(way);

            Events.Event lost = scene.scenario.events.await(Kind.DISCONNECTED);
            long sentUntil = traffic.out.sent();
            Events.Event back = scene.scenario.events.await(Kind.RECONNECTED);
            long healthyNs = traffic.awaitHealthNs();
            traffic.awaitMore(MESSAGES);
            traffic.finish();
            assertThat(how.count.applyAsLong(way.counts())).as("the fault").isPositive();
            assertThat(lost.url()).isEqualTo(way.url());
            assertThat(back.url()).isEqualTo(scene.ways.get(1).url());
            assertThat(client.metrics().publishesInDoubt()).isEqualTo(lost.inDoubt());
            assertThat(lost.inDoubt()).isLessThanOrEqualTo(sentUntil - Math.max(0, sentBefore));
            traffic.out.mayLose(lost.inDoubt());
            traffic.in.mayLoseBetween(brokenNs - WIDEST.toNanos(), healthyNs);
            traffic.requests.mayFailBetween(brokenNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
            scene.scenario.history.assertExact(Scenario.LATEST);
            if (how.isHeard) {
                assertThat(FaultScene.connections(scene.scenario.cluster.server(0), "closed"))
                        .as("what the server has seen end")
                        .isNotEmpty();
            }
            assertThat(scene.scenario.events.of(Kind.CLOSED)).isEmpty();
        }
    }

    @Test
    void calledFromABlackHoleEveryCallEndsInTimeAndWhenItIsGoneTheClientIsBack() {
        try (FaultScene scene = new FaultScene(clients)) {
            NatsClient client = scene.scenario.connect(scene.impatient());
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);

            scene.scenario.history.event("black hole");
            long brokenNs = System.nanoTime();
            scene.injectEverywhere(new Fault.BlackHole());
            scene.scenario.events.await(Kind.DISCONNECTED);
            Eventually.eventually(
                    "attempts to get through", () -> scene.happened(FaultCounts::connectionsSwallowed) >= 2);
            assertThat(client.connectedUrl()).isEmpty();
            scene.ways.forEach(TcpProxy::heal);

            scene.scenario.events.await(Kind.RECONNECTED);
            long healthyNs = traffic.awaitHealthNs();
            traffic.awaitMore(MESSAGES);
            traffic.finish();
            traffic.out.mayLose(client.metrics().publishesInDoubt());
            traffic.in.mayLoseBetween(brokenNs - WIDEST.toNanos(), healthyNs);
            traffic.requests.mayFailBetween(brokenNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
            // What was published meanwhile has waited for a connection.
            scene.scenario.history.assertExact(Scenario.LATEST.plusNanos(healthyNs - brokenNs));
        }
    }

    /** On plain TCP a flipped bit may be anything, a number in a payload too; afterwards all is as it should be. */
    @Test
    void corruptBytesEndConnectionsButNeitherThreadsNorTheClient() {
        try (FaultScene scene = new FaultScene(clients);
                RawNats responder = Peers.responder(scene.scenario.cluster.server(2), "dirt.ask");
                TimedLoads loads = new TimedLoads()) {
            NatsClient client = scene.scenario.connect(scene.impatient());
            AtomicLong received = new AtomicLong();
            client.subscribe("dirt.in", message -> received.incrementAndGet());
            RawNats sender = scene.scenario.socket(2, message -> {});
            loads.start(1, Traffic.RATE, () -> {
                sender.publish("dirt.in", new byte[20]);
                sender.flush();
            });
            loads.start(1, Traffic.RATE, () -> client.publish("dirt.out", new byte[20]));
            loads.start(4, 200, () -> client.request("dirt.ask", new byte[20], TimedLoads.DEADLINE));
            loads.start(1, 20, () -> client.flush(TimedLoads.DEADLINE));
            Eventually.eventually("messages", () -> received.get() > MESSAGES);

            scene.injectEverywhere(new Fault.Corrupt(3_000));
            scene.scenario.events.await(Kind.RECONNECTED, 1);
            Eventually.eventually("some more corruption", () -> scene.happened(FaultCounts::bytesCorrupted) > 100);
            scene.ways.forEach(TcpProxy::heal);
            loads.stop();
            // What a server was told wrong it knows until the connection ends.
            scene.ways.forEach(TcpProxy::reset);

            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);
            traffic.finish();
            scene.scenario.history.assertExact(Scenario.LATEST);
            assertThat(scene.scenario.events.of(Kind.CLOSED)).isEmpty();
            assertThat(responder.isClosed()).isFalse();
        }
    }

    /** The negative control: one who sends into a black hole and never learns. */
    @Test
    void theJudgeSeesWhatAClientLosesInSilence() {
        try (FaultScene scene = new FaultScene(clients)) {
            TcpProxy way = scene.ways.get(0);
            History history = scene.scenario.history;
            History.Publisher naive = history.publisher("naive");
            History.Receiver far = history.receiver("node 2", naive);
            scene.scenario.receive(2, "out", far);
            try (RawNats sender = RawNats.connect(way.url(), message -> {})) {
                for (int i = 0; i < 10; i++) {
                    sender.publish("out", naive.next());
                }
                sender.ping();
                Eventually.eventually("all of them", () -> far.received() == 10);
                way.inject(Direction.THERE, new Fault.BlackHole());
                sender.publish("out", naive.next());
                sender.publish("out", naive.next());
                sender.flush();
                Eventually.eventually("the loss", () -> way.counts().bytesSwallowed() > 0);
            }

            assertThat(history.count(History.Kind.LOST)).isEqualTo(2);
            naive.mayLose(1);
            assertThat(history.count(History.Kind.LOST)).isEqualTo(2);
        }
    }
}
