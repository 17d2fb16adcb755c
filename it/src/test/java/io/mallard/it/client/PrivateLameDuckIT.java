package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server asks one client to leave and stays itself ({@code $SYS.REQ.SERVER.<id>.LDM}, since 2.10): its INFO lists the server among
 * those to go to.
 */
@NoLeaks
class PrivateLameDuckIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String ACCOUNTS = """
            accounts {
              SYS: { users: [ { user: "sys", password: "sys" } ] }
              APP: { users: [ { user: "app", password: "app" } ] }
            }
            system_account: SYS
            """;

    private static NatsCluster cluster;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void startCluster() {
        cluster = NatsCluster.start(
                3, NatsServerConfig.builder().version("newest").extra(ACCOUNTS).build());
    }

    @AfterAll
    static void closeCluster() {
        cluster.close();
    }

    private NatsOptions.Builder options(String name) {
        return NatsOptions.builder()
                .servers(String.join(",", cluster.urls()))
                .noRandomize(true)
                .user("app", "app")
                .name(name)
                .listener(events)
                .standbyRefillJitter(Duration.ofMillis(20))
                .handoverJitter(Duration.ofMillis(100))
                .overlap(Duration.ofMillis(100));
    }

    private static void askToLeave(NatsServer server, String clientName) {
        long cid = -1;
        for (JsonNode connection : server.monitoring("/connz?limit=1000").path("connections")) {
            if (connection.path("name").asText().equals(clientName)) {
                cid = connection.path("cid").asLong();
            }
        }
        assertThat(cid).as("the connection of %s", clientName).isPositive();
        BlockingQueue<RawMessage> answers = new LinkedBlockingQueue<>();
        try (RawNats system = RawNats.connect(server.url(), "sys", "sys", answers::add)) {
            system.subscribe("answers", 1);
            String serverId = system.info().path("server_id").asText();
            system.publish(
                    "$SYS.REQ.SERVER." + serverId + ".LDM", "answers", ("{\"cid\":" + cid + "}").getBytes(UTF_8));
            system.flush();
            Eventually.eventually("the answer of the server", () -> !answers.isEmpty());
        }
        RawMessage answer = answers.remove();
        assertThat(answer.status()).isZero();
        assertThat(new String(answer.payload(), UTF_8)).doesNotContain("error");
    }

    @Test
    void goesElsewhereAndDoesNotReturn() {
        try (NatsClient client = clients.connect(options("asked"))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);

            askToLeave(cluster.server(0), "asked");

            assertThat(events.await(Kind.HANDOVER).url())
                    .isEqualTo(cluster.urls().get(1));
            Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
            Eventually.eventually("another standby", client::isHotSwapAvailable);
            Eventually.eventually(
                    "the server to see it go", () -> !cluster.connections(0).contains("asked"));
            assertThat(cluster.connections(2)).contains("asked");
            assertThat(cluster.server(0).log()).noneMatch(line -> line.contains("Entering lame duck mode"));
            client.flush(TIMEOUT);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void mayBeClosedAtAnyMomentOfAHandover(long seed) {
        Numbers received = new Numbers();
        try (RawNats receiver =
                RawNats.connect(cluster.server(2).url(), "app", "app", message -> received.add(message.payload()))) {
            receiver.subscribe("x." + seed, 1);
            receiver.ping();
            NatsClient client = clients.connect(options("closed-" + seed).seed(seed));
            Eventually.eventually("the interest to spread", () -> {
                client.publish("x." + seed, Numbers.payload(0));
                return received.has(0);
            });
            client.subscribe("y." + seed, message -> {});
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            askToLeave(cluster.server(0), "closed-" + seed);
            events.await(Kind.LAME_DUCK);
            // Not to wait for anything: the sweep over the moments of a handover.
            long momentNs = TimeUnit.MICROSECONDS.toNanos(new Random(seed).nextInt(300_000));
            long endNs = System.nanoTime() + momentNs;
            int published = 0;
            while (System.nanoTime() - endNs < 0) {
                client.publish("x." + seed, Numbers.payload(++published));
                LockSupport.parkNanos(100_000);
            }
            long startNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            int last = published;
            Eventually.eventuallyAsserted(
                    () -> assertThat(received.missing(last)).isEmpty());
            Eventually.eventually(
                    "the connections to be gone",
                    () -> cluster.servers().stream()
                            .noneMatch(server ->
                                    server.monitoring("/connz").toString().contains("closed-" + seed)));
            events.await(Kind.CLOSED);
        }
    }
}
