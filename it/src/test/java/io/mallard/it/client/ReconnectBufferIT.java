package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The only server there is goes while more is published than can be kept. */
@NoLeaks
class ReconnectBufferIT {
    private static final Duration SOON = Duration.ofMillis(20);
    private static final String DROPPED = "WARN NATS reconnection buffer full during lame duck mode - message dropped."
            + " The application should handle this as a non-retryable error";

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(SoleServer sole) {
        return NatsOptions.builder()
                .servers(sole.url())
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    /** Sixteen bytes. */
    private static byte[] payload(long number) {
        return String.format("%016d", number).getBytes(US_ASCII);
    }

    /** Publishes until there is no room; returns how many there was room for. */
    private static long fill(NatsClient client) {
        long accepted = 0;
        while (client.tryPublish("f.fill", payload(accepted + 1)) == NatsStatus.OK) {
            accepted++;
        }
        return accepted;
    }

    @Test
    void eightMebibytesOfSixteenByteMessagesAreKeptAndArriveInOrder() {
        int limit = 8 << 20;
        int encoded = "PUB f.fill 16\r\n0123456789abcdef\r\n".length();
        Numbers received = new Numbers();
        try (ClientLog log = ClientLog.open();
                SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole).reconnectBufferSize(limit))) {
            sole.die();
            events.await(Kind.DISCONNECTED);

            long accepted = fill(client);
            assertThat(accepted).isEqualTo(limit / encoded);
            assertThatThrownBy(() -> client.publish("f.fill", payload(0)))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER))
                    .hasMessageContaining(accepted * encoded + " of " + limit + " bytes")
                    .hasMessageContaining("raise reconnectBufferSize or wait");
            sole.comeBack();
            try (RawNats receiver = Peers.receiver(sole.server, "f.fill", received)) {
                sole.openWay();
                Eventually.eventually("all messages", () -> received.count() >= accepted);
                receiver.ping();
            }

            assertThat(received.received())
                    .isEqualTo(LongStream.rangeClosed(1, accepted).boxed().toList());
            assertThat(log.lines()).doesNotContain(DROPPED);
        }
    }

    @Test
    void inLameDuckModeItIsLoggedOnceThatMessagesAreDropped() {
        try (ClientLog log = ClientLog.open();
                SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole).reconnectBufferSize(1_000))) {
            sole.server.lameDuck();
            events.await(Kind.DISCONNECTED);
            assertThat(client.isInLameDuckMode()).isTrue();

            long accepted = fill(client);
            List<NatsStatus> refused = LongStream.rangeClosed(1, 5)
                    .mapToObj(number -> client.tryPublish("f.fill", payload(accepted + number)))
                    .toList();

            assertThat(accepted).isPositive();
            assertThat(refused).containsOnly(NatsStatus.INSUFFICIENT_BUFFER);
            assertThat(log.lines()).filteredOn(DROPPED::equals).hasSize(1);
        }
    }
}
