package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node goes lame under load, on each generation of the server. */
@NoLeaks
class LameDuckIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Long enough that whoever waits to be evicted is caught at it. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @ParameterizedTest
    @CsvSource({"2.9, 2[.]9[.].*", "2.10, 2[.]10[.].*", "newest, (?!2[.](9|10)[.]).*"})
    void movesToTheStandbyAndLosesNothing(String version, String expected) {
        NatsServerConfig template =
                NatsServerConfig.builder().version(version).lameDuckGrace(GRACE).build();
        Numbers published = new Numbers();
        Numbers plain = new Numbers();
        Numbers queued = new Numbers();
        try (NatsCluster cluster = NatsCluster.start(3, template);
                RawNats receiver = Peers.receiver(cluster.server(2), "d.up", published);
                RawNats responder = Peers.responder(cluster.server(2), "d.echo");
                RawNats publisher = RawNats.connect(cluster.server(2).url(), message -> {});
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(cluster.urls().get(0), cluster.urls().get(1))
                        .noRandomize(true)
                        .name("leaver")
                        .listener(events)
                        .standbyRefillJitter(Duration.ofMillis(50)))) {
            assertThat(receiver.info().path("version").asText()).matches(expected);
            client.subscribe("d.down", message -> plain.add(message.payload()));
            client.subscribe("d.down", "group", message -> queued.add(message.payload()));
            client.flush(TIMEOUT);
            Eventually.eventually("the subscriptions to spread", () -> {
                publisher.publish("d.down", Numbers.payload(0));
                publisher.flush();
                return plain.has(0) && queued.has(0);
            });
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            try (Load up = Load.start(2, 4000, number -> client.publish("d.up", Numbers.payload(number)));
                    Load down = Load.start(1, 2000, number -> {
                        publisher.publish("d.down", Numbers.payload(number));
                        publisher.flush();
                    });
                    Load requests = Load.start(
                            4,
                            800,
                            number -> assertThat(client.request("d.echo", Numbers.payload(number), TIMEOUT)
                                            .payload())
                                    .isEqualTo(Numbers.payload(number)))) {
                up.awaitMore(500);

                cluster.lameDuck(0);

                Event announced = events.await(Kind.LAME_DUCK);
                Event moved = events.await(Kind.HANDOVER);
                assertThat(announced.url()).isEqualTo(cluster.urls().get(0));
                assertThat(moved.url()).isEqualTo(cluster.urls().get(1));
                assertThat(Duration.ofNanos(moved.atNs() - announced.atNs())).isLessThan(Duration.ofMillis(20));
                assertThat(client.connectedUrl()).contains(cluster.urls().get(1));
                Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
                assertLeftByItself(cluster.server(0));
                Eventually.eventually("another standby", client::isHotSwapAvailable);
                up.awaitMore(500);
                down.awaitMore(500);

                long lastUp = up.stop();
                long lastDown = down.stop();
                long lastRequest = requests.stop();
                client.flush(TIMEOUT);
                publisher.ping();
                Eventually.eventually(
                        "the last ones", () -> published.has(lastUp) && plain.has(lastDown) && queued.has(lastDown));
                assertThat(up.failures()).isEmpty();
                assertThat(requests.failures()).isEmpty();
                assertThat(lastRequest).isGreaterThan(100);
                assertThat(published.missing(lastUp)).isEmpty();
                assertThat(published.duplicates()).isZero();
                assertThat(plain.missing(lastDown)).isEmpty();
                assertThat(queued.missing(lastDown)).isEmpty();
                assertThat(queued.received().stream().filter(number -> number > 0))
                        .hasSize((int) lastDown);
            }
            assertThat(responder.isClosed()).isFalse();
            assertThat(client.metrics().handovers()).isEqualTo(1);
            assertThat(client.metrics().lameDuckEvents()).isEqualTo(1);
            assertThat(client.metrics().reconnects()).isZero();
            assertThat(client.metrics().publishesInDoubt()).isZero();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.LAME_DUCK, Kind.HANDOVER);
        }
    }

    /** The lame server still serves, and says that the client has closed the connection, not itself. */
    private static void assertLeftByItself(NatsServer lame) {
        lame.awaitLog("Entering lame duck mode", TIMEOUT);
        Eventually.eventuallyAsserted(() -> {
            JsonNode closed = lame.monitoring("/connz?state=closed").path("connections");
            assertThat(closed)
                    .filteredOn(connection -> connection.path("name").asText().equals("leaver"))
                    .singleElement()
                    .satisfies(connection ->
                            assertThat(connection.path("reason").asText()).isEqualTo("Client Closed"));
        });
        assertThat(lame.isAlive()).isTrue();
    }
}
