package io.mallard;

import io.mallard.internal.observe.EventLog;
import io.mallard.internal.rehearsal.ImaginedCluster;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A handover between servers that exist in memory, once for each virtual machine. That loads classes and links call sites
 * when it first comes by them, which made the first handover of a process, often the only one, take 20 ms instead of 0.2,
 * and its requests wait for that.
 *
 * <p>Threading: a daemon thread of its own and those of its client, all of which end with it.
 */
final class Rehearsal {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    /** Far longer than it takes. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

    private static final String SUBJECT = "s";
    private static final byte[] SMALL = {'x'};
    /** Takes the way of whatever meets a move. */
    private static final byte[] TOO_LARGE = new byte[ImaginedCluster.MAX_PAYLOAD + 1];

    private final CompletableFuture<ImaginedCluster> cluster = new CompletableFuture<>();
    private final CountDownLatch handedOver = new CountDownLatch(1);
    private final long untilNs = System.nanoTime() + PATIENCE_NS;

    /** Begins it unless somebody has, and returns at once. */
    static void begin(EventLog log) {
        if (!BEGUN.getAndSet(true)) {
            // Nobody needs it: whatever goes wrong, such as a machine too slow or without threads, is no failure of the
            // user's.
            try {
                Thread thread = new Thread(
                        () -> {
                            try {
                                new Rehearsal().play();
                            } catch (RuntimeException | Error e) {
                                log.notRehearsed(e);
                            }
                        },
                        "mallard-rehearsal");
                thread.setDaemon(true);
                thread.start();
            } catch (RuntimeException | Error e) {
                log.notRehearsed(e);
            }
        }
    }

    /** Returns whether there was a handover. */
    boolean play() {
        try (NatsClient client = NatsClient.connect(options(), EventLog.silent(), (loop, sockets) -> {
            ImaginedCluster servers = new ImaginedCluster(loop);
            cluster.complete(servers);
            return servers;
        })) {
            client.subscribe(SUBJECT, message -> {});
            while (!client.isHotSwapAvailable() && isInTime()) {
                speak(client);
            }
            cluster.join().enterLameDuckMode();
            while (handedOver.getCount() > 0 && isInTime()) {
                speak(client);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return handedOver.getCount() == 0;
    }

    private NatsOptions options() {
        return NatsOptions.builder()
                .name("rehearsal")
                .servers("nats://imagined:1", "nats://imagined:2")
                .standbyRefillJitter(Duration.ZERO)
                .handoverJitter(Duration.ZERO)
                .overlap(Duration.ofMillis(2))
                .listener(new ClientListener() {
                    @Override
                    public void onHandoverComplete(HandoverReport report) {
                        handedOver.countDown();
                    }
                })
                .build();
    }

    private boolean isInTime() {
        return System.nanoTime() - untilNs < 0;
    }

    private void speak(NatsClient client) throws InterruptedException {
        client.publish(SUBJECT, SMALL);
        var unused = client.requestAsync(SUBJECT, SMALL, Duration.ofSeconds(1));
        try {
            client.request(SUBJECT, TOO_LARGE, Duration.ofSeconds(1));
        } catch (NatsException e) {
            // MAX_PAYLOAD, as intended.
        }
        handedOver.await(1, TimeUnit.MILLISECONDS);
    }
}
