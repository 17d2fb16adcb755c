package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HotSwapHealthCheck;
import io.mallard.HotSwapHealthCheck.Liveness;
import io.mallard.HotSwapHealthCheck.Readiness;
import io.mallard.LameDuckMonitor;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What probes and monitors say of a client, and that it is so (CONTRACT S27, S28). */
@NoLeaks
class HealthCheckIT {
    private static final Duration LONG = Duration.ofSeconds(10);

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void aClientWithAStandbyIsReadyAndWhatItsHotSwapsWereLikeIsTold() {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            HotSwapHealthCheck check = new HotSwapHealthCheck(client);
            assertThat(check.readiness()).isEqualTo(Readiness.READY);
            assertThat(check.liveness(LONG)).isEqualTo(Liveness.ALIVE);
            assertThat(check.metrics()).isEqualTo(new HotSwapHealthCheck.Metrics(0, 0, Duration.ZERO, 0, 1));

            long swapNs = scenario.leave(0, client).swapNs();

            assertThat(check.metrics()).isEqualTo(new HotSwapHealthCheck.Metrics(1, 0, Duration.ofNanos(swapNs), 0, 1));
            assertThat(check.readiness()).as("there is no other server").isEqualTo(Readiness.NO_STANDBY);
            assertThat(check.readiness().isReady()).isTrue();
        }
    }

    @Test
    void aClientThatKeepsNoStandbyMissesNone() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(server.url()).standbys(0))) {
            assertThat(new HotSwapHealthCheck(client).readiness()).isEqualTo(Readiness.READY);
        }
    }

    @Test
    void withoutAServerItIsAliveAndNotReadyAndClosedItIsNeither() {
        HotSwapHealthCheck check;
        try (SoleServer only = new SoleServer();
                NatsClient client = clients.connect(NatsOptions.builder().servers(only.url()))) {
            check = new HotSwapHealthCheck(client);
            assertThat(check.readiness()).isEqualTo(Readiness.NO_STANDBY);

            only.die();

            Eventually.eventually("the loss", () -> check.readiness() == Readiness.BUFFERING);
            assertThat(check.readiness().isReady()).isFalse();
            assertThat(check.liveness(LONG).isAlive()).isTrue();
        }
        assertThat(check.readiness()).isEqualTo(Readiness.CLOSED);
        assertThat(check.liveness(LONG)).isEqualTo(Liveness.CLOSED);
    }

    /** That is when a probe must keep new work away. */
    @Test
    void aClientThatIsDrainedIsNotReadyAndNothingIsMissing() throws Exception {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            HotSwapHealthCheck check = new HotSwapHealthCheck(client);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            client.subscribe("h", message -> {
                begun.countDown();
                awaitUninterrupted(goOn);
            });
            client.publish("h", new byte[0]);
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> drained = clients.track(client.drain(Scenario.TIMEOUT));

            assertThat(check.readiness()).isEqualTo(Readiness.DRAINING);
            assertThat(check.readiness().isReady()).isFalse();
            assertThat(check.liveness(LONG)).isEqualTo(Liveness.ALIVE);
            goOn.countDown();
            drained.get(10, TimeUnit.SECONDS);
            assertThat(check.readiness()).isEqualTo(Readiness.CLOSED);
        }
    }

    @Test
    void aLoopThatDoesNothingIsStuckUntilItGoesOn() throws Exception {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(server.url()).executor(Runnable::run))) {
            CountDownLatch stuck = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            client.subscribe("h", message -> {
                stuck.countDown();
                awaitUninterrupted(goOn);
            });
            client.publish("h", new byte[0]);
            assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
            HotSwapHealthCheck check = new HotSwapHealthCheck(client);

            assertThat(check.liveness(Duration.ofMillis(100))).isEqualTo(Liveness.STUCK);

            goOn.countDown();
            assertThat(check.liveness(Duration.ofSeconds(10))).isEqualTo(Liveness.ALIVE);
            Eventually.eventually("its turn", () -> client.metrics().longLoopTurns() > 0);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody has let it go on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aMonitorTellsWhatALameDuckCostsAndNothingBefore() {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            try (LameDuckMonitor monitor =
                    LameDuckMonitor.start(client, "monitoring.test", Duration.ofMillis(5), lines::add)) {
                assertThat(monitor).isNotNull();
                for (int i = 0; i < 20; i++) { // Some time passes, for the monitor, too.
                    client.rtt(Scenario.TIMEOUT);
                    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                }
                assertThat(lines).isEmpty();

                scenario.leave(0, client);

                assertThat(lines).isNotEmpty().allMatch(line -> line.matches("Hot-swap latency: \\d+μs"));
            }
        }
    }

    @Test
    void aMonitorTellsHowManyRequestsWaitWhenThereIsNoConnection() {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connectSoon(scenario.options().hotSwapEnabled(false));
            scenario.cluster.server(1).pause();
            scenario.lameDuck(0);
            Eventually.eventually("the news", client::isInLameDuckMode);
            scenario.cluster.kill(0);
            Eventually.eventually("the loss", () -> client.connectedUrl().isEmpty());
            CompletableFuture<NatsMessage> waiting =
                    clients.track(client.requestAsync("nobody", new byte[0], Duration.ofMinutes(1)));
            try (LameDuckMonitor monitor =
                    LameDuckMonitor.start(client, "monitoring.test", Duration.ofMillis(5), lines::add)) {
                assertThat(monitor).isNotNull();
                Eventually.eventually("a line", () -> !lines.isEmpty());
            }
            assertThat(lines).allMatch("Buffering active - queued: 1"::equals);
            waiting.cancel(false);
            scenario.cluster.server(1).resume();
        }
    }
}
