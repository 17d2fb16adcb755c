package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In a handover one of the two servers dies. */
@NoLeaks
class HandoverFaultIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    /** Handover: up to 50 ms of jitter, then 250 ms of overlap. */
    @ParameterizedTest(name = "server {0} is killed {1} ms after the move")
    @CsvSource({"0, 0", "0, 100", "0, 250", "1, 0", "1, 100", "1, 250"})
    void goesOnWhenOneOfTheTwoIsKilled(int victim, long momentMs) {
        Numbers received = new Numbers();
        Numbers own = new Numbers();
        NatsServerConfig template =
                NatsServerConfig.builder().lameDuckGrace(Duration.ofSeconds(2)).build();
        try (NatsCluster cluster = NatsCluster.start(3, template);
                RawNats receiver = Peers.receiver(cluster.server(2), "h", received);
                RawNats responder = Peers.responder(cluster.server(2), "h.echo");
                RawNats publisher = RawNats.connect(cluster.server(2).url(), message -> {});
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(cluster.urls().get(0), cluster.urls().get(1))
                        .noRandomize(true)
                        .listener(events)
                        .reconnectFirstDelay(SOON)
                        .reconnectMaxDelay(SOON)
                        .standbyRefillJitter(SOON)
                        .handoverJitter(SOON))) {
            client.subscribe("h.own", message -> own.add(message.payload()));
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load load = Load.start(2, 2000, number -> client.publish("h", Numbers.payload(number)))) {
                Eventually.eventually("the load to arrive", () -> received.count() > 100);
                cluster.lameDuck(0);
                Event moved = events.await(Kind.HANDOVER);
                // Not to wait for anything: the moments of a handover.
                Eventually.eventually(
                        "the moment",
                        () -> System.nanoTime() - moved.atNs()
                                >= Duration.ofMillis(momentMs).toNanos());

                cluster.kill(victim);
                cluster.server(victim).awaitExit(TIMEOUT);

                if (victim == 1) {
                    events.await(Kind.RECONNECTED);
                }
                Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
                load.awaitMore(200);
                long published = load.stop();
                client.flush(TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat((long) received.missing(published).size()).isLessThanOrEqualTo(events.inDoubt());
                assertThat(client.metrics().publishesInDoubt()).isEqualTo(events.inDoubt());
                assertThat(received.duplicates()).isZero();
            }
            assertThat(client.request("h.echo", Numbers.payload(1), TIMEOUT).payload())
                    .isEqualTo(Numbers.payload(1));
            Eventually.eventually("its subscription", () -> {
                publisher.publish("h.own", Numbers.payload(1));
                publisher.flush();
                return own.has(1);
            });
            assertThat(receiver.isClosed() || responder.isClosed()).isFalse();
        }
    }
}
