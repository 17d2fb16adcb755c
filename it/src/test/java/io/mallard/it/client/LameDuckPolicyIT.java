package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.ClientMetrics;
import io.mallard.HandoverReport;
import io.mallard.LameDuckPrimaryPolicy;
import io.mallard.LameDuckSubscribe;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client does between the announcement and the takeover, when the two are not one moment. */
@NoLeaks
class LameDuckPolicyIT {
    private static final int MESSAGES = 500;
    private static final int REQUESTS = 50;

    @RegisterExtension
    final Clients clients = new Clients();

    private Subscription drained;

    /** The document taken literally: the leaving server would still serve, and gets nothing new. */
    @Test
    void bufferHoldsEverythingBackUntilAnotherConnectionTakesOver() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3);
                ClientLog log = ClientLog.open()) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(0, "p.up", judge);
            Requests requests = scenario.history.requests("requests");
            scenario.respond(0, "p.echo", requests);
            AtomicInteger asked = new AtomicInteger();
            RawNats witness = scenario.socket(0, message -> asked.incrementAndGet());
            witness.subscribe("p.echo", 1);
            witness.ping();
            NatsClient client =
                    scenario.connectSoon(onDemand(scenario).lameDuckPrimaryPolicy(LameDuckPrimaryPolicy.BUFFER));
            publish(client, publisher, MESSAGES);
            client.flush(Scenario.TIMEOUT);
            others(scenario, NatsServer::pause);

            scenario.lameDuck(0);
            scenario.events.await(Kind.LAME_DUCK);
            Eventually.eventually(
                    "nothing to carry traffic", () -> client.connectedUrl().isEmpty());
            publish(client, publisher, MESSAGES);
            List<CompletableFuture<Void>> replies = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                byte[] payload = requests.begin();
                replies.add(client.requestAsync("p.echo", payload, Scenario.TIMEOUT)
                        .thenAccept(reply -> requests.answered(payload, reply.payload())));
            }

            assertThat(client.pendingRequestCount()).isEqualTo(REQUESTS);
            assertThatThrownBy(() -> client.subscribe("p.new", message -> {}))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));
            witness.ping();
            assertThat(judge.received())
                    .as("the leaving server got nothing new")
                    .isEqualTo(MESSAGES);
            assertThat(asked).hasValue(0);
            others(scenario, NatsServer::resume);
            HandoverReport report = scenario.events.awaitReport(0);

            for (CompletableFuture<Void> reply : replies) {
                reply.get(10, TimeUnit.SECONDS);
            }
            Eventually.eventually("the last message", judge::isComplete);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(client.pendingRequestCount()).isZero();
            assertThat(log.lines())
                    .containsOnlyOnce("INFO Falling back to request buffering mode")
                    .containsOnlyOnce("INFO Lame duck mode flag set - buffering new operations");
        }
    }

    /** The leaving server still serves, so that is where what was held back goes in the end. */
    @Test
    void closeSendsWhatIsHeldBackToTheServerThatStillServes() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(0, "p.up", judge);
            NatsClient client = heldBack(scenario, publisher, onDemand(scenario));

            client.close();

            Eventually.eventually("the last message", judge::isComplete);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(client.metrics().publishesInDoubt()).isZero();
            assertThat(scenario.events.of(Kind.ERROR)).isEmpty();
            others(scenario, NatsServer::resume);
        }
    }

    /** From when on nobody served, and not from whenever a connection was lost before. */
    @Test
    void aLeavingServerThatIsGoneTooEarlyIsAnOutageAndAFailedHotSwap() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            NatsClient client = heldBack(
                    scenario,
                    scenario.history.publisher("client"),
                    onDemand(scenario),
                    subscriber -> subscriber.subscribe("p.down", message -> {}));
            long beganNs = System.nanoTime();

            scenario.cluster.kill(0);
            scenario.cluster.server(0).awaitExit(Scenario.TIMEOUT);
            others(scenario, NatsServer::resume);
            scenario.events.awaitReport(0);

            ClientMetrics metrics = client.metrics();
            assertThat(metrics.reconnects()).isEqualTo(1);
            assertThat(metrics.outage().count()).isEqualTo(1);
            assertThat(metrics.outage().maxNs()).isBetween(1L, System.nanoTime() - beganNs);
            assertThat(metrics.hotSwapFailures()).isEqualTo(1);
            assertThat(metrics.hotSwapAttempts()).isEqualTo(1);
            assertThat(metrics.hotSwapSuccessRate()).isZero();
            assertThat(metrics.zeroDowntimeFailures()).isEqualTo(1);
        }
    }

    /** Nobody is left who could answer for what was sent. */
    @Test
    void aDrainWhoseLeavingServerIsGoneIsOverAtOnce() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            NatsClient client = heldBack(scenario, scenario.history.publisher("client"), onDemand(scenario));
            scenario.cluster.server(0).pause();
            CompletableFuture<Void> end = clients.track(client.drain(Duration.ofMinutes(1)));
            Eventually.eventually(
                    "the last phase", () -> client.tryPublish("p.up", new byte[0]) == NatsStatus.DRAINING);

            scenario.cluster.kill(0);

            assertThatThrownBy(() -> end.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(NatsException.class)
                    .hasMessageContaining(" publishes in doubt and 0 never sent");
            others(scenario, NatsServer::resume);
        }
    }

    @Test
    void aDrainWaitsForTheTakeoverAndDropsNothing() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher own = scenario.history.publisher("client");
            Publisher near = scenario.history.publisher("near");
            Receiver receiver = scenario.history.receiver("client", near);
            NatsClient client = heldBack(scenario, own, onDemand(scenario), subscriber -> {
                RawNats socket = scenario.socket(0, message -> {});
                drained = subscriber.subscribe("p.down", scenario.to(receiver));
                subscriber.flush(Scenario.TIMEOUT);
                for (int i = 0; i < MESSAGES; i++) {
                    socket.publish("p.down", near.next());
                }
                socket.ping();
            });

            CompletableFuture<Void> end = drained.drain(Scenario.TIMEOUT);
            others(scenario, NatsServer::resume);
            end.get(10, TimeUnit.SECONDS);

            assertThat(receiver.isComplete()).isTrue();
            assertThat(drained.isActive()).isFalse();
            scenario.events.awaitReport(0);
            int node = scenario.cluster.urls().indexOf(client.connectedUrl().orElseThrow());
            assertThat(scenario.hasSubscription(node, "p.down")).isFalse();
        }
    }

    @Test
    void withoutEchoNothingThatWasHeldBackComesBack() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(0, "p.up", judge);
            AtomicInteger echoes = new AtomicInteger();
            NatsClient client = heldBack(
                    scenario,
                    publisher,
                    onDemand(scenario).noEcho(true),
                    subscriber -> subscriber.subscribe("p.up", message -> echoes.incrementAndGet()));

            others(scenario, NatsServer::resume);
            HandoverReport report = scenario.events.awaitReport(0);

            Eventually.eventually("the last message", judge::isComplete);
            client.flush(Scenario.TIMEOUT);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(echoes).hasValue(0);
        }
    }

    /** The control of the test above, and the default. */
    @Test
    void withoutThatTheLeavingServerServesUntilAnotherConnectionTakesOver() {
        try (Scenario scenario = new Scenario(clients, 3);
                ClientLog log = ClientLog.open()) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(0, "p.up", judge);
            Requests requests = scenario.history.requests("requests");
            scenario.respond(0, "p.echo", requests);
            NatsClient client = scenario.connectSoon(onDemand(scenario));
            others(scenario, NatsServer::pause);

            scenario.lameDuck(0);
            scenario.events.await(Kind.LAME_DUCK);
            publish(client, publisher, MESSAGES);
            byte[] request = requests.begin();
            requests.answered(
                    request, client.request("p.echo", request, Scenario.TIMEOUT).payload());
            client.flush(Scenario.TIMEOUT);
            assertThat(client.isInLameDuckMode()).isTrue();
            assertThat(client.connectedUrl()).contains(scenario.cluster.urls().get(0));
            Eventually.eventually("all of it there", judge::isComplete);
            others(scenario, NatsServer::resume);

            HandoverReport report = scenario.events.awaitReport(0);
            assertThat(report.isExact()).as("%s", report).isTrue();
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(log.lines()).noneMatch(line -> line.contains("buffering"));
        }
    }

    /** The client talks to itself, so that whoever is to hear it is there as soon as it is. */
    @Test
    void withEveryServerLameItIsServedUntilItIsEvictedAndGoesOnWithTheFirstThatIsBack() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("client");
            Receiver receiver = scenario.history.receiver("itself", publisher);
            Requests requests = scenario.history.requests("requests");
            NatsClient client = scenario.connect();
            client.subscribe("p.up", scenario.to(receiver));
            client.subscribe("p.echo", message -> {
                requests.executed(message.payload());
                message.respond(message.payload());
            });
            for (int node : List.of(1, 2, 0)) {
                scenario.lameDuck(node);
            }
            scenario.events.await(Kind.LAME_DUCK);
            byte[] served = requests.begin();
            requests.answered(
                    served, client.request("p.echo", served, Scenario.TIMEOUT).payload());

            scenario.events.await(Kind.DISCONNECTED);
            for (int node = 0; node < 3; node++) {
                scenario.cluster.server(node).awaitExit(Scenario.TIMEOUT);
            }
            publish(client, publisher, MESSAGES);
            byte[] waiting = requests.begin();
            CompletableFuture<Void> answer = client.requestAsync("p.echo", waiting, Duration.ofSeconds(30))
                    .thenAccept(reply -> requests.answered(waiting, reply.payload()));
            assertThat(client.pendingRequestCount()).isEqualTo(1);
            assertThat(client.isInLameDuckMode()).isTrue();
            scenario.cluster.server(2).start();

            answer.get(20, TimeUnit.SECONDS);
            Eventually.eventually("the last message", receiver::isComplete);
            scenario.history.assertExact(Duration.ofSeconds(30));
            HandoverReport report = scenario.events.awaitReport(0);
            assertThat(report.isWithoutLoss()).as("%s", report).isFalse();
            assertThat(client.connectedUrl()).contains(scenario.cluster.urls().get(2));
            assertThat(client.isInLameDuckMode()).isFalse();
        }
    }

    @Test
    void rejectRefusesSubscriptionsInLameDuckModeAndKeepsThoseThereAre() {
        try (Scenario scenario = new Scenario(clients, 3);
                ClientLog log = ClientLog.open()) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("client", publisher);
            NatsClient client = scenario.connect(scenario.options().lameDuckSubscribe(LameDuckSubscribe.REJECT));
            client.subscribe("p.down", scenario.to(receiver));
            scenario.awaitInterest(scenario.socket(2, message -> {}), "p.down", 1);
            Load load = scenario.publish(scenario.socket(2, message -> {}), "p.down", publisher, 500);
            load.awaitMore(50);

            scenario.lameDuck(0);
            scenario.events.await(Kind.LAME_DUCK);
            assertThat(client.isInLameDuckMode()).isTrue();
            assertThatThrownBy(() -> client.subscribe("p.new", message -> {}))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE))
                    .hasMessageContaining("lameDuckSubscribe=REJECT");
            scenario.events.awaitReport(0);

            client.subscribe("p.new", message -> {}).unsubscribe();
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(log.lines())
                    .containsOnlyOnce("WARN Attempting to subscribe during lame duck mode - operation skipped");
        }
    }

    private static NatsClient heldBack(Scenario scenario, Publisher publisher, NatsOptions.Builder options) {
        return heldBack(scenario, publisher, options, client -> {});
    }

    /** A client whose server is lame, and whose later half of messages waits because no other server answers. */
    private static NatsClient heldBack(
            Scenario scenario, Publisher publisher, NatsOptions.Builder options, Consumer<NatsClient> before) {
        NatsClient client = scenario.connectSoon(options.lameDuckPrimaryPolicy(LameDuckPrimaryPolicy.BUFFER));
        before.accept(client);
        publish(client, publisher, MESSAGES);
        client.flush(Scenario.TIMEOUT);
        others(scenario, NatsServer::pause);
        scenario.lameDuck(0);
        scenario.events.await(Kind.LAME_DUCK);
        Eventually.eventually(
                "nothing to carry traffic", () -> client.connectedUrl().isEmpty());
        publish(client, publisher, MESSAGES);
        return client;
    }

    private static NatsOptions.Builder onDemand(Scenario scenario) {
        return scenario.options().standbys(0);
    }

    private static void others(Scenario scenario, Consumer<NatsServer> what) {
        what.accept(scenario.cluster.server(1));
        what.accept(scenario.cluster.server(2));
    }

    private static void publish(NatsClient client, Publisher publisher, int count) {
        for (int i = 0; i < count; i++) {
            client.publish("p.up", publisher.next());
        }
    }
}
