package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class RouteProxyIT {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int PAYLOAD_BYTES = 100;
    private static final int SAMPLES = 10;

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void delaysMessagesBetweenItsNodesAndNoOthers(String version) throws InterruptedException {
        NatsServerConfig template = NatsServerConfig.builder().version(version).build();
        try (NatsCluster cluster = NatsCluster.start(3, template, new RouteDelay(0, 2))) {
            RouteProxy proxy = cluster.routeProxy(2, 0);
            long delayedBytes = proxy.delayedBytes();

            List<Long> there = latenciesNs(cluster.server(0), cluster.server(2));
            List<Long> back = latenciesNs(cluster.server(2), cluster.server(0));

            assertThat(there).allMatch(ns -> ns >= RouteDelay.DEFAULT_DELAY.toNanos());
            assertThat(back).allMatch(ns -> ns >= RouteDelay.DEFAULT_DELAY.toNanos());
            assertThat(proxy.delayedBytes() - delayedBytes).isGreaterThan(2 * SAMPLES * PAYLOAD_BYTES);
            // Any one will do: a busy machine delays some of them as well.
            assertThat(latenciesNs(cluster.server(0), cluster.server(1)))
                    .anyMatch(ns -> ns < RouteDelay.DEFAULT_DELAY.toNanos());
            assertThat(latenciesNs(cluster.server(1), cluster.server(2)))
                    .anyMatch(ns -> ns < RouteDelay.DEFAULT_DELAY.toNanos());
        }
    }

    @Test
    void carriesEveryRouteOfThePool() {
        try (NatsCluster cluster =
                NatsCluster.start(2, NatsServerConfig.builder().build(), new RouteDelay(0, 1))) {
            int pool = cluster.server(0)
                    .monitoring("/varz")
                    .path("cluster")
                    .path("pool_size")
                    .asInt();

            assertThat(pool).isGreaterThan(1);
            // And one for the system account.
            assertThat(cluster.routeProxy(0, 1).connectionCount()).isEqualTo(pool + 1);
        }
    }

    @Test
    void tellsClientsOfEveryNode() {
        try (NatsCluster cluster =
                        NatsCluster.start(3, NatsServerConfig.builder().build(), new RouteDelay(0, 2));
                RawNats client = RawNats.connect(cluster.server(0).url(), message -> {})) {
            assertThat(client.info().path("connect_urls")).hasSize(3);
        }
    }

    @Test
    void isTheOnlyWayAgainAfterEitherNodeHasComeBack() throws InterruptedException {
        try (NatsCluster cluster =
                NatsCluster.start(3, NatsServerConfig.builder().build(), new RouteDelay(0, 2))) {
            for (int node : List.of(0, 2)) {
                cluster.kill(node);
                cluster.server(node).awaitExit(LONG);
                cluster.awaitRoutes();

                cluster.restart(node);

                assertThat(latenciesNs(cluster.server(0), cluster.server(2)))
                        .allMatch(ns -> ns >= RouteDelay.DEFAULT_DELAY.toNanos());
            }
        }
    }

    @Test
    void refusesAClusterWithAWayAround() {
        NatsServerConfig direct = NatsServerConfig.builder().build();
        try (NatsCluster cluster = NatsCluster.start(2, direct);
                RouteProxy unused =
                        new RouteProxy(new RouteDelay(0, 1), cluster.server(1).port())) {
            assertThatThrownBy(() -> unused.requireEveryRoute(
                            cluster.server(0).monitoring("/routez"),
                            cluster.server(1).monitoring("/routez")))
                    .hasMessageContaining("do not go through the proxy");
        }
    }

    private static List<Long> latenciesNs(NatsServer from, NatsServer to) throws InterruptedException {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        List<Long> latenciesNs = new ArrayList<>();
        try (RawNats subscriber = RawNats.connect(to.url(), received::add);
                RawNats publisher = RawNats.connect(from.url(), message -> {})) {
            subscriber.subscribe("sample.*", 1);
            subscriber.ping();
            Await.until("the interest to cross the route", LONG, () -> {
                publisher.publish("sample.none", new byte[0]);
                publisher.ping();
                return !received.isEmpty();
            });
            for (int i = 0; i < SAMPLES; i++) {
                String subject = "sample." + i;
                long sentNs = System.nanoTime();
                publisher.publish(subject, new byte[PAYLOAD_BYTES]);
                publisher.flush();
                RawMessage message = next(received);
                while (!message.subject().equals(subject)) {
                    message = next(received);
                }
                latenciesNs.add(message.receivedNs() - sentNs);
            }
        }
        return latenciesNs;
    }

    private static RawMessage next(BlockingQueue<RawMessage> received) throws InterruptedException {
        RawMessage message = received.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(message).as("a message").isNotNull();
        return message;
    }
}
