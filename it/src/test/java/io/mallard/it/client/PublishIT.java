package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class PublishIT {
    private static final int MAX_PAYLOAD = 1 << 20;
    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
    private RawNats receiver;
    private NatsClient client;

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void connect() {
        receiver = Peers.receiver(server, "p.>", received::add);
        client = clients.connect(server.url());
    }

    @AfterEach
    void close() {
        client.close();
        receiver.close();
    }

    @Test
    void publishesInEveryForm() throws InterruptedException {
        byte[] bytes = "0123456789".getBytes(UTF_8);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 2, 3);
        ByteBuffer direct = ByteBuffer.allocateDirect(10).put(bytes).position(4).limit(8);
        ByteBuffer readOnly = ByteBuffer.wrap(bytes).position(1).slice().asReadOnlyBuffer();

        client.publish("p.array", bytes);
        client.publish("p.reply", "back.to.me", bytes);
        client.publish("p.part", null, bytes, 3, 4);
        client.publish("p.heap", heap);
        client.publish("p.direct", direct);
        client.publish("p.readonly", readOnly);
        assertThat(client.tryPublish("p.try", bytes)).isEqualTo(NatsStatus.OK);
        assertThat(client.tryPublish("p.trypart", "back", bytes, 9, 1)).isEqualTo(NatsStatus.OK);
        client.publish("p.größe.日本", new byte[0]);

        assertNext("p.array", null, "0123456789");
        assertNext("p.reply", "back.to.me", "0123456789");
        assertNext("p.part", null, "3456");
        assertNext("p.heap", null, "234");
        assertNext("p.direct", null, "4567");
        assertNext("p.readonly", null, "123456789");
        assertNext("p.try", null, "0123456789");
        assertNext("p.trypart", "back", "9");
        assertNext("p.größe.日本", null, "");
        assertThat(List.of(heap.position(), direct.position(), readOnly.position()))
                .containsExactly(2, 4, 0);
    }

    private void assertNext(String subject, String reply, String payload) throws InterruptedException {
        RawMessage message = next();
        assertThat(message.subject()).isEqualTo(subject);
        assertThat(message.reply()).isEqualTo(reply);
        assertThat(new String(message.payload(), UTF_8)).isEqualTo(payload);
    }

    private RawMessage next() throws InterruptedException {
        RawMessage message = received.poll(Eventually.LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a further message").isNotNull();
        return message;
    }

    @Test
    void hasCopiedThePayloadWhenItReturns() throws InterruptedException {
        byte[] array = new byte[4096];
        ByteBuffer direct = ByteBuffer.allocateDirect(4096);
        for (int i = 0; i < 1000; i++) {
            Arrays.fill(array, (byte) i);
            client.publish("p.array", array);
            direct.clear().put(array);
            client.publish("p.direct", direct.flip());
        }

        for (int i = 0; i < 1000; i++) {
            Arrays.fill(array, (byte) i);
            assertThat(next().payload()).isEqualTo(array);
            assertThat(next().payload()).isEqualTo(array);
        }
    }

    @Test
    void carriesPayloadsOfEverySizeIntact() throws InterruptedException {
        int[] sizes = IntStream.concat(
                        IntStream.range(0, 20)
                                .flatMap(power -> IntStream.of((1 << power) - 1, 1 << power, (1 << power) + 1)),
                        IntStream.of(MAX_PAYLOAD - 1, MAX_PAYLOAD))
                .toArray();
        for (int size : sizes) {
            client.publish("p.size", random(size));
        }

        for (int size : sizes) {
            assertThat(next().payload()).as("payload of %d bytes", size).isEqualTo(random(size));
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void refusesOneByteMoreThanTheServerTakes() throws InterruptedException {
        byte[] tooLarge = new byte[MAX_PAYLOAD + 1];

        assertTooLarge(() -> client.publish("p.large", tooLarge));
        assertTooLarge(() -> client.publish("p.large", ByteBuffer.wrap(tooLarge)));
        assertTooLarge(() -> client.publish("p.large", ByteBuffer.allocateDirect(MAX_PAYLOAD + 1)));
        assertTooLarge(() -> client.request("p.large", tooLarge, Duration.ofSeconds(1)));
        assertTooLarge(() -> clients.track(client.requestAsync("p.large", tooLarge, Duration.ofSeconds(1)))
                .join());
        assertThat(client.tryPublish("p.large", tooLarge)).isEqualTo(NatsStatus.MAX_PAYLOAD);
        client.publish("p.large", null, tooLarge, 1, MAX_PAYLOAD);

        assertThat(next().payload()).hasSize(MAX_PAYLOAD);
        assertThat(received).isEmpty();
    }

    private static void assertTooLarge(Runnable publish) {
        assertThatThrownBy(publish::run)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.MAX_PAYLOAD))
                .hasMessageContaining("p.large")
                .hasMessageContaining(Integer.toString(MAX_PAYLOAD))
                .hasMessageContaining(Integer.toString(MAX_PAYLOAD + 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "p.a b", "p a", "p.a\t", "p.a\r\nPING", "p..a", ".p", "p.", "p.*", "p.>", ">", "*"})
    void refusesASubjectThatIsNone(String subject) {
        byte[] payload = {};

        assertInvalid(() -> client.publish(subject, payload));
        assertInvalid(() -> client.publish(subject, ByteBuffer.allocateDirect(1)));
        assertInvalid(() -> client.tryPublish(subject, payload));
        assertInvalid(() -> client.publish("p.a", subject, payload));
        assertInvalid(() -> client.request(subject, payload, Duration.ofSeconds(1)));
        assertInvalid(() -> clients.track(client.requestAsync(subject, payload, Duration.ofSeconds(1)))
                .join());

        client.flush(Eventually.LONG);
        receiver.ping();
        assertThat(received).isEmpty();
        assertThat(client.metrics().pendingRequests()).isZero();
    }

    private static void assertInvalid(Runnable publish) {
        assertThatThrownBy(publish::run)
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT))
                .hasMessageContaining("subject");
    }

    @Test
    void refusesASubjectThatFitsIntoNoControlLine() {
        assertInvalid(() -> client.publish("p." + "x".repeat(5000), new byte[0]));
        client.publish("p." + "x".repeat(4000), new byte[0]);

        client.flush(Eventually.LONG);
        receiver.ping();
        assertThat(received).hasSize(1);
    }

    @Test
    void keepsTheConnectionWhenAnInterruptedThreadPublishes() {
        Thread.currentThread().interrupt();
        try {
            client.publish("p.interrupted", new byte[1000]);
            assertThat(client.tryPublish("p.interrupted", new byte[1000])).isEqualTo(NatsStatus.OK);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        client.flush(Eventually.LONG);
        receiver.ping();
        assertThat(received).hasSize(2);
        assertThat(client.metrics().reconnects()).isZero();
    }

    @Test
    void keepsTheOrderOfEachOfManyThreads() {
        int threads = 8;
        int each = 10_000;
        IntStream.range(0, threads)
                .mapToObj(thread -> clients.track(CompletableFuture.runAsync(() -> {
                    for (int i = 1; i <= each; i++) {
                        client.publish("p.thread." + thread, Numbers.payload(i));
                    }
                })))
                .toList()
                .forEach(CompletableFuture::join);
        client.flush(Eventually.LONG);
        receiver.ping();

        assertThat(received).hasSize(threads * each);
        List<String> expected =
                IntStream.rangeClosed(1, each).mapToObj(Integer::toString).toList();
        for (int thread = 0; thread < threads; thread++) {
            String subject = "p.thread." + thread;
            assertThat(received.stream()
                            .filter(message -> message.subject().equals(subject))
                            .map(message -> new String(message.payload(), UTF_8)))
                    .isEqualTo(expected);
        }
    }
}
