package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Authorization.Account;
import io.mallard.it.support.Authorization.User;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The servers or the account of a client have no room for a second connection when its server goes lame. */
@NoLeaks
class NoRoomIT {
    private static final Duration GRACE = Duration.ofSeconds(7);
    private static final User DUCK = new User("duck", "s3cret");
    private static final String SERVER_IS_FULL = "maximum connections exceeded";
    private static final String ACCOUNT_IS_FULL = "maximum account active connections exceeded";
    private static final int PER_SECOND = 200;

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void withoutRoomOnAnyServerItStaysUntilItIsEvictedAndReconnectsWhenThereIsRoom() {
        NatsServerConfig template = NatsServerConfig.builder()
                .lameDuckGrace(GRACE)
                .maxConnections(2)
                .build();
        try (ClientLog log = ClientLog.open();
                Scenario scenario = new Scenario(clients, NatsCluster.start(3, template))) {
            List<String> urls = scenario.cluster.urls();
            Publisher up = scenario.history.publisher("client");
            Publisher down = scenario.history.publisher("judge");
            Receiver judge = scenario.history.receiver("judge", up);
            Receiver receiver = scenario.history.receiver("client", down);
            scenario.receive(2, "up", judge);
            RawNats far = scenario.socket(2, message -> {});
            scenario.socket(1, message -> {});
            RawNats inTheWay = scenario.socket(1, message -> {});
            NatsClient client = scenario.connectSoon(scenario.options());
            client.subscribe("down", scenario.to(receiver));
            scenario.awaitInterest(far, "down", 1);
            awaitRefusals(log, SERVER_IS_FULL);
            Load upLoad = scenario.publish(client, "up", up, PER_SECOND);
            Load downLoad = scenario.publish(far, "down", down, PER_SECOND);

            long roundsBefore = rounds(log, SERVER_IS_FULL);
            scenario.lameDuck(0);
            scenario.events.await(Kind.LAME_DUCK);
            upLoad.awaitMore(3 * PER_SECOND);

            assertThat(rounds(log, SERVER_IS_FULL) - roundsBefore)
                    .as("rounds in 3 s: one at once, then after longer and longer waits")
                    .isBetween(2L, 20L);
            assertThat(client.connectedUrl()).as("it stays").contains(urls.get(0));
            assertThat(client.isInLameDuckMode()).isTrue();
            assertThat(client.isHotSwapAvailable()).isFalse();
            assertThat(scenario.events.of(Kind.DISCONNECTED)).isEmpty();
            client.flush(Scenario.TIMEOUT);

            Event evicted = scenario.events.await(Kind.DISCONNECTED);
            assertThat(evicted.url()).isEqualTo(urls.get(0));
            assertThat(scenario.cluster.server(0).log()).anyMatch(line -> line.contains("Closing existing clients"));
            Eventually.eventually(
                    "to have nowhere to go",
                    () -> log.lines().stream()
                            .anyMatch(line -> line.startsWith("WARN No server could be connected to")));
            inTheWay.close();
            assertThat(scenario.events.await(Kind.RECONNECTED).url()).isEqualTo(urls.get(1));

            HandoverReport report = scenario.events.awaitReport(0);
            assertThat(report.subscriptionGap())
                    .as("break before make: %s", report)
                    .isTrue();
            assertThat(client.isInLameDuckMode()).isFalse();
            downLoad.awaitMore(PER_SECOND);
            scenario.finish(upLoad, judge);
            scenario.finish(downLoad, receiver);
            assertNothingButTheGap(scenario, client);
        }
    }

    /**
     * The others forget the connections of a server that goes lame at once, so they have room; and that server, when it
     * hears of the new connection, counts one too many and closes its own.
     */
    @Test
    void withoutRoomInTheAccountItMovesWhenTheServerGoesLameAndTheLedgerSaysWhatThatMayHaveCost() {
        NatsServerConfig template = NatsServerConfig.builder()
                .lameDuckGrace(GRACE)
                .accounts(Account.of("DUCKS", DUCK).withMaxConnections(3))
                .extra("no_auth_user: " + DUCK.name())
                .build();
        try (ClientLog log = ClientLog.open();
                Scenario scenario = new Scenario(clients, NatsCluster.start(3, template))) {
            List<String> urls = scenario.cluster.urls();
            Publisher up = scenario.history.publisher("client");
            Publisher down = scenario.history.publisher("judge");
            Receiver judge = scenario.history.receiver("judge", up);
            Receiver receiver = scenario.history.receiver("client", down);
            RawNats listening = scenario.receive(2, "up", judge);
            RawNats far = scenario.socket(2, message -> {});
            // With this seed the standby is tried 1.5 s after the connect. At once would be too early: a server that
            // has
            // not heard of the others' connections yet admits it, and then each of them evicts whom it likes.
            NatsClient client =
                    scenario.connectSoon(scenario.options().seed(0).standbyRefillJitter(Duration.ofSeconds(2)));
            client.subscribe("down", scenario.to(receiver));
            scenario.awaitInterest(far, "down", 1);
            long refusalsBefore = refusals(scenario.cluster, ACCOUNT_IS_FULL);
            Load upLoad = scenario.publish(client, "up", up, PER_SECOND);
            Load downLoad = scenario.publish(far, "down", down, PER_SECOND);
            awaitRefusals(log, ACCOUNT_IS_FULL);
            upLoad.awaitMore(3 * PER_SECOND);

            assertThat(client.isHotSwapAvailable()).isFalse();
            assertThat(refusals(scenario.cluster, ACCOUNT_IS_FULL) - refusalsBefore)
                    .as("attempts in more than 3 s, all of them refused")
                    .isLessThan(20L);
            assertThat(scenario.events.of(Kind.DISCONNECTED)).isEmpty();

            scenario.lameDuck(0);

            HandoverReport report = scenario.events.awaitReport(0);
            assertThat(report.fromUrl()).isEqualTo(urls.get(0));
            assertThat(scenario.cluster.server(0).isAlive()).isTrue();
            assertThat(scenario.cluster.server(0).log())
                    .as("the fault: it has evicted its client")
                    .anyMatch(line -> line.contains(ACCOUNT_IS_FULL));
            assertThat(report.subscriptionGap()).as("%s", report).isTrue();
            assertThat(report.isWithoutLoss()).isFalse();
            downLoad.awaitMore(PER_SECOND);
            scenario.finish(upLoad, judge);
            scenario.finish(downLoad, receiver);
            assertNothingButTheGap(scenario, client);
            assertThat(listening.isClosed() || far.isClosed()).isFalse();
        }
    }

    /**
     * Rounds in which both servers that are not in use refused, as the one line says that tells why there is no standby: the client's
     * word, because servers do not log every refusal.
     */
    private static long rounds(ClientLog log, String refusal) {
        return log.lines().stream()
                .filter(line ->
                        line.startsWith("DEBUG No standby could be made") && line.split(refusal, -1).length == 3)
                .count();
    }

    private static void awaitRefusals(ClientLog log, String refusal) {
        Eventually.eventually("the log to say why there is no standby", () -> rounds(log, refusal) > 0);
    }

    private static long refusals(NatsCluster cluster, String refusal) {
        return cluster.servers().stream()
                .flatMap(server -> server.log().stream())
                .filter(line -> line.contains(refusal))
                .count();
    }

    /** No copy, nothing out of order; what is lost is the gap of the subscription, or in doubt. */
    private static void assertNothingButTheGap(Scenario scenario, NatsClient client) {
        List<History.Finding> findings = scenario.history.verdict(Duration.ofMinutes(1));
        System.err.println(
                "FINDINGS " + findings + " in doubt " + client.metrics().publishesInDoubt());
        assertThat(findings).allMatch(finding -> finding.kind() == History.Kind.LOST);
        assertThat(findings.stream()
                        .filter(finding -> finding.text().startsWith("client"))
                        .mapToLong(History.Finding::count)
                        .sum())
                .isLessThanOrEqualTo(client.metrics().publishesInDoubt());
    }
}
