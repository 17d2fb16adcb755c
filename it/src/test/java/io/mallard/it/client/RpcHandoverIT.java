package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.rpc.Delivery;
import io.mallard.rpc.PitayaServer;
import io.mallard.rpc.RpcClient;
import io.mallard.rpc.RpcClientOptions;
import io.mallard.rpc.RpcException;
import io.mallard.rpc.RpcFrontend;
import io.mallard.rpc.RpcHandler;
import io.mallard.rpc.RpcServer;
import io.mallard.rpc.ServiceDiscovery;
import io.mallard.rpc.UserHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls, responses and bindings while one nats-server after the other leaves (CONTRACT H, §3). */
@NoLeaks
class RpcHandoverIT {
    private static final int NODES = 3;
    private static final PitayaServer GAME = new PitayaServer("game", "g1");
    private static final PitayaServer GATE = new PitayaServer("gate", "f1");
    private static final RpcClientOptions PATIENT = RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(10));
    private static final int FAST_PER_SECOND = 950;
    private static final int SLOW_PER_SECOND = 50;
    private static final Duration FAST = Duration.ofMillis(50);
    private static final Duration SLOW = Duration.ofSeconds(3);

    @RegisterExtension
    final Clients clients = new Clients();

    private Scenario scenario(Duration grace) {
        return new Scenario(
                clients,
                NatsCluster.start(
                        NODES, NatsServerConfig.builder().lameDuckGrace(grace).build()));
    }

    /** Takes its time, and is told of once begun. */
    private static RpcHandler taking(Requests requests, Duration time) {
        return call -> {
            requests.executed(call.message().data());
            if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("nobody counts down");
            }
            return call.message().data();
        };
    }

    private static Load calls(RpcClient rpc, String route, Requests requests, int perSecond) {
        return Load.start(100, perSecond, number -> {
            byte[] payload = requests.begin();
            try {
                requests.answered(payload, rpc.call(route, payload));
            } catch (RpcException e) {
                requests.failed(payload, e);
            }
        });
    }

    /** Those that take longer than any thread should wait. */
    private static Load callsAsync(
            RpcClient rpc, String route, Requests requests, int perSecond, AtomicInteger underWay) {
        return Load.start(1, perSecond, number -> {
            byte[] payload = requests.begin();
            underWay.incrementAndGet();
            CompletableFuture<byte[]> unused = rpc.callAsync(route, payload).whenComplete((answer, failure) -> {
                if (failure == null) {
                    requests.answered(payload, answer);
                } else {
                    requests.failed(payload, failure);
                }
                underWay.decrementAndGet();
            });
        });
    }

    /**
     * All servers are replaced one after the other. Who calls and who is called begin on the same one, which leaves first, or on two
     * different ones; and a handler outlives many a handover.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyCallIsAnsweredAndExecutedOnceWhileAllServersAreReplaced(boolean together) {
        AtomicInteger underWay = new AtomicInteger();
        try (Scenario scenario = scenario(Duration.ofSeconds(2))) {
            Requests fast = scenario.history.requests("fast");
            Requests slow = scenario.history.requests("slow");
            List<String> urls = scenario.cluster.urls();
            List<String> calledUrls = together ? urls : List.of(urls.get(1), urls.get(2), urls.get(0));
            NatsClient called = scenario.connect(scenario.options().servers(calledUrls.toArray(String[]::new)));
            NatsClient calling = scenario.connect(scenario.options().listener(new Events()));
            assertThat(called.connectedUrl().equals(calling.connectedUrl())).isEqualTo(together);
            Map<String, RpcHandler> handlers = Map.of("fast.echo", taking(fast, FAST), "slow.echo", taking(slow, SLOW));
            try (RpcServer server = RpcServer.start(called, GAME, handlers)) {
                RpcClient rpc = new RpcClient(calling, ServiceDiscovery.of(GAME), GATE, PATIENT);
                scenario.awaitRoute(calling, "pitaya/servers/game/g1");
                long beganNs = System.nanoTime();
                try (Load fastCalls = calls(rpc, "game.fast.echo", fast, FAST_PER_SECOND);
                        Load slowCalls = callsAsync(rpc, "game.slow.echo", slow, SLOW_PER_SECOND, underWay)) {
                    fastCalls.awaitMore(1_000);
                    int lameDucks = 0;
                    for (int node = 0; node < NODES; node++) {
                        lameDucks += calling.connectedUrl().orElseThrow().equals(urls.get(node)) ? 1 : 0;
                        lameDucks += called.connectedUrl().orElseThrow().equals(urls.get(node)) ? 1 : 0;
                        scenario.lameDuck(node);
                        scenario.cluster.server(node).awaitExit(Scenario.TIMEOUT);
                        scenario.cluster.restart(node);
                        Eventually.eventually(
                                "the standbys", () -> calling.isHotSwapAvailable() && called.isHotSwapAvailable());
                        fastCalls.awaitMore(500);
                    }
                    scenario.finish(fastCalls);
                    scenario.finish(slowCalls);
                    double seconds = (System.nanoTime() - beganNs) / 1e9;
                    Eventually.eventually("the last answers", () -> underWay.get() == 0);
                    scenario.history.assertExact(Scenario.LATEST);
                    assertThat((fastCalls.count() + slowCalls.count()) / seconds)
                            .as("calls a second, of 1,000, on a machine that may be busy")
                            .isGreaterThan(500);
                    assertThat(lameDucks).as("clients whose server left").isGreaterThanOrEqualTo(3);
                    assertThat(calling.metrics().lameDuckEvents()
                                    + called.metrics().lameDuckEvents())
                            .isEqualTo(lameDucks);
                    assertThat(calling.metrics().handovers() + called.metrics().handovers())
                            .isEqualTo(lameDucks);
                    assertThat(calling.metrics().reconnects() + called.metrics().reconnects())
                            .isZero();
                }
                Eventually.eventually("no call", () -> server.callsUnderWay() == 0);
            }
        }
    }

    /** The control: a server that is killed takes calls along, and the judge says so. */
    @Test
    void theJudgeSeesCallsThatAreLost() {
        try (Scenario scenario = new Scenario(clients, NODES)) {
            Requests fast = scenario.history.requests("fast");
            NatsClient called = scenario.connectSoon(scenario.options().standbys(0));
            NatsClient calling = scenario.bystander(2);
            try (RpcServer server = RpcServer.start(called, GAME, Map.of("fast.echo", taking(fast, FAST)))) {
                RpcClient rpc = new RpcClient(
                        calling,
                        ServiceDiscovery.of(GAME),
                        GATE,
                        RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(1)));
                scenario.awaitRoute(calling, "pitaya/servers/game/g1");
                try (Load fastCalls = calls(rpc, "game.fast.echo", fast, 500)) {
                    fastCalls.awaitMore(500);
                    scenario.cluster.server(0).pause(); // What it is sent from now on it takes along.
                    fastCalls.awaitMore(50);
                    scenario.cluster.kill(0);
                    Eventually.eventually(
                            "the next connection", () -> called.metrics().reconnects() == 1);
                    fastCalls.awaitMore(500);
                    scenario.finish(fastCalls);
                }
                assertThat(scenario.history.verdict(Scenario.LATEST)).isNotEmpty();
                Eventually.eventually("no call", () -> server.callsUnderWay() == 0);
            }
        }
    }

    /** What begins while its client is between two servers is known to both, and missed by nobody. */
    @Test
    void aServerAndABindingMayBeginInTheMiddleOfAHandover() {
        try (Scenario scenario = scenario(Duration.ofSeconds(15))) {
            NatsClient moving = scenario.connect(scenario.options().overlap(Duration.ofSeconds(6)));
            NatsClient calling = scenario.bystander(2);
            RpcClient rpc = new RpcClient(calling, ServiceDiscovery.of(GAME), GATE, PATIENT);
            AtomicInteger pushed = new AtomicInteger();
            scenario.lameDuck(0);
            scenario.events.await(Events.Kind.HANDOVER);
            try (RpcServer server = RpcServer.start(
                            moving,
                            GAME,
                            Map.of("r.echo", call -> call.message().data()));
                    RpcFrontend frontend = RpcFrontend.start(moving, GATE)) {
                frontend.bind("u1", new UserHandler() {
                    @Override
                    public void onPush(String route, byte[] data) {
                        pushed.incrementAndGet();
                    }

                    @Override
                    public void onKick() {}
                });
                assertThat(moving.isInLameDuckMode()).as("it is still going on").isTrue();
                scenario.awaitRoute(calling, "pitaya/servers/game/g1");
                scenario.awaitRoute(calling, "pitaya/gate/user/u1/kick");
                int pushes = 0;
                while (moving.isInLameDuckMode()) {
                    assertThat(rpc.call("game.r.echo", new byte[] {1})).containsExactly(1);
                    assertThat(rpc.sendPushToUser("u1", "gate", "r.p", new byte[1]))
                            .isEqualTo(Delivery.ANSWERED);
                    pushes++;
                }
                scenario.events.awaitReport(0);
                assertThat(rpc.call("game.r.echo", new byte[] {2})).containsExactly(2);
                assertThat(rpc.sendPushToUser("u1", "gate", "r.p", new byte[1])).isEqualTo(Delivery.ANSWERED);
                assertThat(pushes).isPositive();
                assertThat(pushed).hasValue(pushes + 1);
                Eventually.eventually("no call", () -> server.callsUnderWay() == 0);
            }
        }
    }

    /** Each push has one handler, and each handler one push, whoever of the two is on the server that leaves. */
    @Test
    void aBoundUserGetsEachPushOnceWhileServersLeave() {
        try (Scenario scenario = new Scenario(clients, NODES)) {
            Publisher publisher = scenario.history.publisher("pushes");
            Receiver receiver = scenario.history.receiver("user", publisher);
            NatsClient pushing = scenario.connect(scenario.options().listener(new Events()));
            NatsClient bound = scenario.connect();
            UserHandler user = new UserHandler() {
                @Override
                public void onPush(String route, byte[] data) {
                    receiver.received(data);
                }

                @Override
                public void onKick() {}
            };
            try (RpcFrontend frontend = RpcFrontend.start(bound, GATE)) {
                frontend.bind("u1", user);
                RpcClient rpc = new RpcClient(pushing, ServiceDiscovery.of(), GAME, PATIENT.awaitAnswer(true));
                AtomicInteger answered = new AtomicInteger();
                try (Load pushes = Load.start(1, 500, number -> {
                    if (rpc.sendPushToUser("u1", "gate", "r.p", publisher.next()) == Delivery.ANSWERED) {
                        answered.incrementAndGet();
                    }
                })) {
                    pushes.awaitMore(200);
                    scenario.leave(0, bound);
                    pushes.awaitMore(200);
                    Eventually.eventually(
                            "the next standbys", () -> bound.isHotSwapAvailable() && pushing.isHotSwapAvailable());
                    scenario.leave(1, bound);
                    pushes.awaitMore(200);
                    scenario.finish(pushes, receiver);
                    scenario.history.assertExact(Scenario.LATEST);
                    assertThat(answered).hasValue((int) pushes.count());
                }
            }
        }
    }
}
