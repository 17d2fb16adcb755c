package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class NatsClusterIT {
    private static final Duration LONG = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void putsANodeIntoLameDuckAndBringsItBackWhereItWas(String version) {
        NatsServerConfig template = NatsServerConfig.builder()
                .version(version)
                .lameDuckGrace(Duration.ofMillis(500))
                .build();
        try (NatsCluster cluster = NatsCluster.start(3, template)) {
            NatsServer first = cluster.server(0);
            List<String> urls = cluster.urls();
            long pid = first.pid();
            try (RawNats client = RawNats.connect(first.url(), message -> {})) {
                assertThat(client.info().path("version").asText())
                        .isEqualTo(first.version().text());
                assertThat(cluster.connections(0)).containsExactly("raw-nats");
                assertThat(client.isLameDuck()).isFalse();

                cluster.lameDuck(0);

                client.awaitLameDuck(LONG);
                assertThat(client.info().path("connect_urls")).hasSize(2);
                client.awaitClosed(LONG);
                first.awaitLog("Entering lame duck mode", LONG);
                first.awaitExit(LONG);
            }

            cluster.restart(0);

            assertThat(cluster.urls()).isEqualTo(urls);
            assertThat(first.pid()).isNotEqualTo(pid);
            assertThat(first.log()).anyMatch(line -> line.contains("Entering lame duck mode"));
            assertDelivers(cluster.server(0), cluster.server(2));
        }
    }

    @Test
    void ridsItselfOfAKilledNodeAndTakesItBack() {
        try (NatsCluster cluster = NatsCluster.start(3)) {
            cluster.kill(1);
            cluster.server(1).awaitExit(LONG);
            cluster.awaitRoutes();

            cluster.restart(1);

            assertDelivers(cluster.server(1), cluster.server(0));
        }
    }

    @Test
    void leavesNoProcessBehindWhenItCannotStart() {
        NatsServerConfig broken =
                NatsServerConfig.builder().extra("no_such_option: 1").build();
        List<Long> before = childProcesses();

        assertThatThrownBy(() -> NatsCluster.start(3, broken)).hasMessageContaining("no_such_option");

        assertThat(childProcesses()).isEqualTo(before);
    }

    private static List<Long> childProcesses() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
    }

    private static void assertDelivers(NatsServer from, NatsServer to) {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        try (RawNats subscriber = RawNats.connect(to.url(), received::add);
                RawNats publisher = RawNats.connect(from.url(), message -> {})) {
            subscriber.subscribe("over.the.route", 7);
            subscriber.ping();
            Await.until("the interest to cross the route", LONG, () -> {
                publisher.publish("over.the.route", "back.to.me", new byte[] {1, 2, 3});
                publisher.ping();
                return !received.isEmpty();
            });
            RawMessage message = received.remove();
            assertThat(message.sid()).isEqualTo(7);
            assertThat(message.subject()).isEqualTo("over.the.route");
            assertThat(message.reply()).isEqualTo("back.to.me");
            assertThat(message.payload()).containsExactly(1, 2, 3);
        }
    }
}
