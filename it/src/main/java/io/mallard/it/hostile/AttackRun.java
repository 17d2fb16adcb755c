package io.mallard.it.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.mallard.ClientListener;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.it.support.Await;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One client between a hostile server, which it meets first, and a good one.
 *
 * <p>Threading: used by one thread.
 */
final class AttackRun {
    /** For what the client ignores. */
    private static final Duration ATTACK = Duration.ofMillis(500);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int TOLD_CHARS = 120;

    private final NatsServer good;

    AttackRun(NatsServer good) {
        this.good = good;
    }

    AttackResult play(Attack attack) {
        Witness witness = new Witness();
        try (LineCount log = LineCount.open();
                MemoryWatch memory = MemoryWatch.begin()) {
            HostileServer hostile = new HostileServer(attack.script);
            Outcome outcome;
            boolean lives;
            try (hostile;
                    NatsClient client = NatsClient.connect(options(hostile, witness))) {
                boolean served = witness.firstUrl().equals(hostile.url());
                CountDownLatch received = new CountDownLatch(1);
                client.subscribe("n", message -> read(message, received));
                CompletableFuture<NatsMessage> unused = client.requestAsync("asked", new byte[0], TIMEOUT);
                outcome = served ? outcome(witness, attack) : Outcome.REFUSED;
                hostile.end();
                lives = isAlive(client, received);
            }
            memory.end();
            if (!hostile.failures().isEmpty()) {
                throw new NatsServerException(
                        attack + ": " + hostile.failures().get(0).getMessage());
            }
            return new AttackResult(
                    attack,
                    outcome,
                    witness.told(),
                    lives,
                    hostile.sentBytes(),
                    hostile.connections(),
                    memory.heapBytes(),
                    memory.directBytes(),
                    log.lines.get());
        }
    }

    /** Waits for what is expected to happen, and some time for what is not. */
    private static Outcome outcome(Witness witness, Attack attack) {
        long enoughNs = System.nanoTime() + (attack.expected == Outcome.IGNORED ? ATTACK : TIMEOUT).toNanos();
        Await.until(
                "the end of the attack",
                TIMEOUT.multipliedBy(2),
                () -> witness.outcome() != Outcome.IGNORED || System.nanoTime() - enoughNs >= 0);
        return witness.outcome();
    }

    private NatsOptions options(HostileServer hostile, Witness witness) {
        return NatsOptions.builder()
                .servers(hostile.url(), good.url())
                .noRandomize(true)
                .standbys(0)
                .connectTimeout(CONNECT_TIMEOUT)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .listener(witness)
                .build();
    }

    /** As an application would: headers are parsed when they are asked for. */
    private static void read(NatsMessage message, CountDownLatch received) {
        message.headers().entries();
        if (message.payload().length == 1) {
            received.countDown();
        }
    }

    /** It comes back by itself, and its subscription with it. */
    private static boolean isAlive(NatsClient client, CountDownLatch received) {
        try {
            Await.until("its own message", TIMEOUT, () -> {
                try {
                    client.publish("n", "1".getBytes(US_ASCII));
                    client.flush(Duration.ofSeconds(1));
                } catch (NatsException e) {
                    return false; // Between two connections, or with a max_payload that is too small yet.
                }
                return received.getCount() == 0;
            });
            return true;
        } catch (NatsServerException e) {
            return false;
        }
    }

    /** Hears what the client says of its connections. */
    private static final class Witness implements ClientListener {
        private final CompletableFuture<String> connected = new CompletableFuture<>();
        private volatile boolean lost;
        private volatile boolean left;
        private volatile @Nullable Throwable cause;

        String firstUrl() {
            return connected
                    .orTimeout(TIMEOUT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                    .join();
        }

        Outcome outcome() {
            return left ? Outcome.LEFT : lost ? Outcome.ENDED : Outcome.IGNORED;
        }

        String told() {
            Throwable why = cause;
            String text = why == null ? "" : String.valueOf(why.getMessage());
            return text.length() <= TOLD_CHARS ? text : text.substring(0, TOLD_CHARS) + "…";
        }

        @Override
        public void onConnected(String url) {
            connected.complete(url);
        }

        @Override
        public void onDisconnected(String url, @Nullable Throwable why, long publishesInDoubt) {
            if (cause == null) {
                cause = why;
            }
            lost = true;
        }

        @Override
        public void onLameDuckMode(String url) {
            left = true;
        }
    }

    /** How much of a log there would be. */
    private static final class LineCount extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        private final Logger logger = (Logger) LoggerFactory.getLogger(NatsOptions.DEFAULT_LOGGER_NAME);
        private final AtomicLong lines = new AtomicLong();

        static LineCount open() {
            LineCount count = new LineCount();
            count.setContext(count.logger.getLoggerContext());
            count.start();
            count.logger.addAppender(count);
            count.logger.setAdditive(false);
            count.logger.setLevel(ch.qos.logback.classic.Level.INFO);
            return count;
        }

        @Override
        protected void append(ILoggingEvent event) {
            lines.incrementAndGet();
        }

        @Override
        public void close() {
            logger.setLevel(null);
            logger.setAdditive(true);
            logger.detachAppender(this);
            stop();
        }
    }
}
