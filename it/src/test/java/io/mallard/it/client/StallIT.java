package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server is stopped in its tracks: its sockets are open, and nothing moves. */
@NoLeaks
class StallIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration STALLED = Duration.ofMillis(50);
    private static final byte[] KIBIBYTE = new byte[1024];

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(String... urls) {
        return NatsOptions.builder()
                .servers(urls)
                .noRandomize(true)
                .listener(events)
                .outboundBufferBytes(64 << 10)
                .publishTimeout(SHORT)
                .flushTimeout(SHORT)
                .standbyRefillJitter(SHORT);
    }

    @Test
    void publishFeelsTheBackPressureAndLosesNothing() {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.startDefault();
                RawNats receiver =
                        Peers.receiver(server, "s", message -> received.add(Numbers.unpadded(message.payload())));
                NatsClient client = clients.connect(options(server.url()))) {
            client.flush(TIMEOUT);
            server.pause();
            int accepted = publishUntilItStalls(client, "s", StallIT::padded);

            long startNs = System.nanoTime();
            assertThatThrownBy(() -> client.publish("s", KIBIBYTE))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                    .hasMessageContaining("100 ms")
                    .hasMessageContaining("of 65536 bytes");
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isBetween(SHORT, SHORT.plusSeconds(1));
            assertThatThrownBy(() -> client.request("s", KIBIBYTE, SHORT))
                    .isInstanceOfSatisfying(
                            NatsException.class,
                            e -> assertThat(e.status()).isIn(NatsStatus.TIMEOUT, NatsStatus.INSUFFICIENT_BUFFER));
            server.resume();
            client.flush(TIMEOUT);
            receiver.ping();

            assertThat(received.missing(accepted)).isEmpty();
            assertThat(received.count()).isEqualTo(accepted);
            assertThat(received.received()).isSorted();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
        }
    }

    /** A buffer that is full may be so because it is just being written: here nothing has been taken for a while. */
    private static int publishUntilItStalls(NatsClient client, String subject, IntFunction<byte[]> payload) {
        int accepted = 0;
        long acceptedNs = System.nanoTime();
        while (System.nanoTime() - acceptedNs < STALLED.toNanos()) {
            if (client.tryPublish(subject, payload.apply(accepted + 1)) == NatsStatus.OK) {
                accepted++;
                assertThat(client.connectedUrl()).isPresent();
                acceptedNs = System.nanoTime();
            }
        }
        return accepted;
    }

    private static byte[] padded(long number) {
        return Numbers.padded(number, KIBIBYTE.length);
    }

    @Test
    void closeDoesNotWaitForIt() {
        try (NatsServer server = NatsServer.startDefault()) {
            NatsClient client = clients.connect(options(server.url()));
            client.flush(TIMEOUT);
            server.pause();
            publishUntilItStalls(client, "s", number -> KIBIBYTE);
            long startNs = System.nanoTime();

            client.close();

            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
            server.resume();
        }
    }

    /** No PING would be missed for a long time. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aServerThatTakesNothingIsLeftAndWhatItDidNotTakeGoesToTheNextInOrder(int standbys) {
        Numbers before = new Numbers();
        Numbers after = new Numbers();
        try (NatsServer stalled = NatsServer.startDefault();
                NatsServer healthy = NatsServer.startDefault();
                RawNats earlier =
                        Peers.receiver(stalled, "s", message -> before.add(Numbers.unpadded(message.payload())));
                RawNats later =
                        Peers.receiver(healthy, "s", message -> after.add(Numbers.unpadded(message.payload())));
                NatsClient client = clients.connect(options(stalled.url(), healthy.url())
                        .standbys(standbys)
                        .publishTimeout(TIMEOUT)
                        .writeTimeout(Duration.ofMillis(500)))) {
            client.flush(TIMEOUT);
            Eventually.eventually("the standby", () -> client.isHotSwapAvailable() == (standbys > 0));
            stalled.pause();
            int accepted = publishUntilItStalls(client, "s", StallIT::padded);

            assertThat(events.await(Kind.DISCONNECTED).cause())
                    .hasMessageContaining("taken nothing for 500 ms (writeTimeout)");
            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(healthy.url());
            int last = accepted + 1;
            client.publish("s", padded(last));
            client.flush(TIMEOUT);
            later.ping();
            stalled.resume();
            earlier.ping();

            assertThat(after.received()).isSorted().endsWith((long) last);
            assertThat(after.duplicates()).isZero();
            long first = after.received().get(0);
            assertThat(after.count()).as("without a gap").isEqualTo(last - first + 1);
            assertThat(first).as("some were taken before it stalled").isGreaterThan(1);
            // Of what is on neither server nobody knows more than that, and the client has said so.
            long nowhere = first - 1 - before.distinct();
            assertThat(events.inDoubt()).isBetween(Math.max(1, nowhere), first);
        }
    }

    /** The kernel may take some more of what a stopped server does not read, and that is lost: in doubt, and said so. */
    @Test
    void blockedPublishersGoOnOnTheStandby() {
        Numbers received = new Numbers();
        try (NatsServer stalled = NatsServer.startDefault();
                NatsServer healthy = NatsServer.startDefault();
                RawNats receiver =
                        Peers.receiver(healthy, "s", message -> received.add(Numbers.unpadded(message.payload())));
                NatsClient client = clients.connect(options(stalled.url(), healthy.url())
                        .publishTimeout(TIMEOUT)
                        .pingInterval(Duration.ofMillis(200))
                        .maxPingsOut(2))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            stalled.pause();
            int accepted = publishUntilItStalls(client, "s", StallIT::padded);
            int last = accepted + 100;
            CompletableFuture<Duration> longest = clients.track(CompletableFuture.supplyAsync(
                    () -> longest(accepted + 1, last, number -> client.publish("s", padded(number)))));

            assertThat(longest.join())
                    .as("the longest that a publish was blocked")
                    .isGreaterThan(SHORT);
            assertThat(events.await(Kind.DISCONNECTED).cause()).hasMessageContaining("stale connection");
            assertThat(events.await(Kind.RECONNECTED).url()).isEqualTo(healthy.url());
            client.flush(TIMEOUT);
            receiver.ping();

            assertThat(received.received()).isSorted().endsWith((long) last);
            assertThat(received.duplicates()).isZero();
            long first = received.received().get(0);
            assertThat(received.count()).as("without a gap").isEqualTo(last - first + 1);
            assertThat(first - 1).as("the publishes that were lost").isBetween(1L, events.inDoubt());
            stalled.resume();
        }
    }

    private static Duration longest(int first, int last, IntConsumer publish) {
        long longestNs = 0;
        for (int number = first; number <= last; number++) {
            long startNs = System.nanoTime();
            publish.accept(number);
            longestNs = Math.max(longestNs, System.nanoTime() - startNs);
        }
        return Duration.ofNanos(longestNs);
    }
}
