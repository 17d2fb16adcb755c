package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many callers and a loop on one connection whose socket takes bytes as it pleases. */
@Timeout(60)
class WriteStormTest {
    private static final int CALLERS = 4;
    private static final int COMMANDS = 5_000;
    private static final int LIMIT = 4 << 10;
    private static final Pattern COMMAND = Pattern.compile("PUB t(\\d) (\\d+)\r\n(\\d+)\r\n");
    /** The one that covers the first publishes of a connection; nobody answers it, so there is no other. */
    private static final String COVERING_PING = "PING\r\n";

    /** A connection without its handshake: its socket, its buffer, its writer. */
    private static final class Link {
        final OutboundBuffer outbound;
        final MoodyTransport transport;
        final SocketWriter writer;

        Link(long seed) {
            this(seed, OutboundBuffer.ofConnection(LIMIT));
        }

        Link(long seed, OutboundBuffer outbound) {
            this.outbound = outbound;
            transport = new MoodyTransport(seed);
            writer = new SocketWriter(
                    outbound,
                    transport,
                    cause -> assertThat(transport.closed)
                            .as("broken only because it was closed")
                            .isTrue());
        }
    }

    /** Takes a random part of what it is given, seldom all of it. */
    private static final class MoodyTransport implements Transport {
        private final Random random;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final AtomicInteger writers = new AtomicInteger();
        private volatile boolean writable;
        private volatile boolean closed;

        MoodyTransport(long seed) {
            random = new Random(seed);
        }

        @Override
        public boolean write(ByteBuffer source) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            assertThat(writers.incrementAndGet()).as("writers at a time").isEqualTo(1);
            int offered = source.remaining();
            int taken = random.nextInt(4) == 0 ? random.nextInt(offered + 1) : offered;
            byte[] bytes = new byte[taken];
            source.get(bytes);
            written.writeBytes(bytes);
            writers.decrementAndGet();
            return taken == offered;
        }

        @Override
        public void requestWrite() {
            writable = true;
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void events(Events newOwner) {}

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Far longer than any of this takes. */
    private static final long LONG_MS = 60_000;

    private volatile Link current;
    private final AtomicInteger working = new AtomicInteger(CALLERS);
    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @AfterEach
    void noThreadFailed() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(LONG_MS);
            assertThat(thread.isAlive()).as(thread + " hangs").isFalse();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void everyCommandIsWrittenOnceAndInTheOrderOfItsCaller() {
        Link link = new Link(1);
        current = link;
        startCallers();

        serveUntilIdle(link);

        assertEachOnceInOrder(publishesOf(link));
    }

    /** Two callers who meet in the moment in which one of them finds nothing left to write. */
    @Test
    void nothingIsLeftBehindWhenEveryFlushHasReturned() {
        int rounds = 20_000;
        FakeTransport transport = new FakeTransport();
        OutboundBuffer outbound = OutboundBuffer.ofConnection(LIMIT);
        SocketWriter writer = new SocketWriter(outbound, transport, failures::add, 0);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Thread other = new Thread(() -> {
            for (int round = 1; round <= rounds; round++) {
                awaitRound(begun, round);
                outbound.unsubscribe(1, 0);
                writer.flush();
                ended.set(round);
            }
        });
        threads.add(other);
        other.start();

        // Two threads that meet 20,000 times need two free cores; on a busy machine fewer meetings have to do.
        long enoughNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        try {
            for (int round = 1; round <= rounds && enoughNs - System.nanoTime() > 0; round++) {
                begun.set(round);
                outbound.unsubscribe(2, 0);
                writer.flush();
                awaitRound(ended, round);
                assertThat(transport.takeWritten()).as("round %d", round).hasSize(2 * "UNSUB 1\r\n".length());
            }
        } finally {
            begun.set(rounds); // The other one must come to its end even if this one failed.
        }
    }

    private static void awaitRound(AtomicInteger reached, int round) {
        while (reached.get() < round) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aMoveInTheMiddleOfItLosesAndRepeatsNothing(long seed) {
        Link old = new Link(seed);
        Link next = new Link(seed + 100);
        current = old;
        startCallers();

        long inDoubt = moveInTheMiddle(seed, old, next);

        String executed = wholeCommands(publishesOf(old));
        assertThat(inDoubt).isEqualTo(COMMAND.matcher(executed).results().count());
        assertThat(working.get()).isZero();
        assertEachOnceInOrder(executed + publishesOf(next));
    }

    /** Nobody answers on the old connection: all that it has written goes out again, and before all that it has not. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aLossInTheMiddleOfItSendsEverythingAgainInOrder(long seed) {
        Link old =
                new Link(seed, OutboundBuffer.ofRetainingConnection(LIMIT, Integer.MAX_VALUE, new TrafficCounters()));
        Link next = new Link(seed + 100);
        current = old;
        startCallers();

        long inDoubt = moveInTheMiddle(seed, old, next);

        String executed = wholeCommands(publishesOf(old));
        assertThat(inDoubt).isZero();
        assertThat(old.outbound.publishesResent())
                .isEqualTo(COMMAND.matcher(executed).results().count());
        assertEachOnceInOrder(publishesOf(next));
    }

    private long moveInTheMiddle(long seed, Link old, Link next) {
        int moveAfter = 10_000 + new Random(seed).nextInt(50_000);
        while (old.transport.written.size() < moveAfter) {
            serve(old);
        }
        old.outbound.seal();
        old.transport.close();
        old.writer.close();
        long inDoubt = old.writer.moveUnwritten(next.outbound, Ending.UNKNOWN, System.nanoTime());
        current = next;
        next.writer.flush();
        serveUntilIdle(next);
        return inDoubt;
    }

    private void startCallers() {
        for (int i = 0; i < CALLERS; i++) {
            String subject = "t" + i;
            Thread thread = new Thread(() -> call(subject));
            thread.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    private void call(String subject) {
        try {
            for (int i = 0; i < COMMANDS; ) {
                Link link = current;
                byte[] payload = Integer.toString(i).getBytes(US_ASCII);
                int size = ProtocolEncoder.pubSize(subject.length(), 0, 0, payload.length);
                Append answer = link.outbound.publish(subject, null, null, payload, 0, payload.length, size);
                if (answer == Append.ACCEPTED) {
                    link.writer.flush();
                    i++;
                } else if (answer == Append.FULL) {
                    link.outbound.awaitRoom(size, System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
                } else {
                    Thread.onSpinWait(); // The loop is about to say where traffic goes.
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            working.decrementAndGet();
        }
    }

    /** What the loop does for a socket that has room again. */
    private static void serve(Link link) {
        if (link.transport.writable) {
            link.transport.writable = false;
            link.writer.onWritable();
        } else {
            Thread.onSpinWait();
        }
    }

    private void serveUntilIdle(Link link) {
        while (working.get() > 0 || link.transport.writable) {
            serve(link);
        }
    }

    /** What was written without the covering PING. */
    private static String publishesOf(Link link) {
        String wire = link.transport.written.toString(US_ASCII);
        assertThat(wire).containsOnlyOnce(COVERING_PING);
        return wire.replace(COVERING_PING, "");
    }

    private static String wholeCommands(String wire) {
        Matcher command = COMMAND.matcher(wire);
        int end = 0;
        while (end < wire.length() && command.find(end)) {
            assertThat(command.start()).isEqualTo(end);
            end = command.end();
        }
        return wire.substring(0, end);
    }

    private static void assertEachOnceInOrder(String wire) {
        int[] next = new int[CALLERS];
        Matcher command = COMMAND.matcher(wire);
        int end = 0;
        while (end < wire.length()) {
            assertThat(command.find(end)).isTrue();
            assertThat(command.start()).as("garbage").isEqualTo(end);
            int caller = Integer.parseInt(command.group(1));
            assertThat(Integer.parseInt(command.group(3))).isEqualTo(next[caller]);
            next[caller]++;
            end = command.end();
        }
        assertThat(next).containsOnly(COMMANDS);
    }
}
