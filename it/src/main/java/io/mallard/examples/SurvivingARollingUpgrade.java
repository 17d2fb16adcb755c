package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.ClientListener;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes a number a hundred times a second, and receives it back, while the servers of a cluster are replaced one after the other; says
 * what a move to another server was like. Ends by itself after two moves or two minutes.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.SurvivingARollingUpgrade nats://localhost:4221 nats://localhost:4222 nats://localhost:4223
 * </pre>
 *
 * <p>Nothing in here is about moving but the lines that are printed. To have a server leave, send it SIGUSR2, or
 * {@code nats-server --signal ldm=<pid>}.
 *
 * <p>Threading: the thread of {@code main} publishes; the handler and the listener run on threads of the client's.
 */
public final class SurvivingARollingUpgrade {
    private static final int MOVES = 2;
    private static final int NUMBERS = 12_000;
    private static final int PAUSE_MS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private SurvivingARollingUpgrade() {}

    public static void main(String... servers) throws InterruptedException {
        CountDownLatch movesToCome = new CountDownLatch(MOVES);
        NatsOptions options = NatsOptions.builder()
                .servers(servers)
                .name("survivor")
                .standbys(1) // As by default: one connection to another server is kept ready.
                .listener(new Moves(movesToCome))
                .build();
        AtomicLong received = new AtomicLong();
        AtomicLong outOfTurn = new AtomicLong();
        long published = 0;
        try (NatsClient client = NatsClient.connect(options)) {
            client.subscribe("numbers", message -> {
                if (Long.parseLong(new String(message.payload(), UTF_8)) != received.incrementAndGet()) {
                    outOfTurn.incrementAndGet();
                }
            });
            System.out.println("publishing through " + client.connectedUrl().orElse("no server"));
            while (published < NUMBERS && !movesToCome.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
                client.publish("numbers", Long.toString(++published).getBytes(UTF_8));
            }
            client.drain(PATIENCE).join(); // What is on its way still arrives.
        }
        System.out.printf("published %d, received %d, %d out of turn%n", published, received.get(), outOfTurn.get());
    }

    /** Says what happens, which happens whether it is said or not. */
    private record Moves(CountDownLatch toCome) implements ClientListener {
        @Override
        public void onLameDuckMode(String url) {
            System.out.println(url + " is going to leave");
        }

        @Override
        public void onHandover(String fromUrl, String toUrl) {
            System.out.println("publishing through " + toUrl);
        }

        @Override
        public void onHandoverComplete(HandoverReport report) {
            String verdict = report.isExact() ? "each message once and in order" : report.toString();
            System.out.printf(
                    "left %s, new traffic moved within %.1f ms: %s%n",
                    report.fromUrl(), report.swapNs() / 1e6, verdict);
            toCome.countDown();
        }
    }
}
