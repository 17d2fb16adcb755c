package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.protocol.wire.ProtocolEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(10)
class SocketWriterTest {
    private static final long NO_BURST = 0;
    private static final long BURST = Long.MAX_VALUE;

    /** What the first batch with a publish ends with; nobody answers it. */
    private static final String COVERING_PING = "PING\r\n";

    private final OutboundBuffer buffer = OutboundBuffer.ofConnection(1 << 20);
    private final FakeTransport transport = new FakeTransport();
    private final List<IOException> failures = new ArrayList<>();
    private final List<String> pingEvents = new ArrayList<>();
    private final SocketWriter writer = new SocketWriter(buffer, transport, failures::add, NO_BURST);

    @Test
    void writesOutWhatWasAppended() {
        publish("1");
        writer.flush();
        publish("2");
        publish("3");
        writer.flush();

        assertThat(transport.written()).isEqualTo(pub("1") + COVERING_PING + pub("2") + pub("3"));
        assertThat(transport.writeRequests()).isZero();
    }

    @Test
    void goesOnWhereTheSocketWasFullAtAnyByte() {
        for (int taken = 0; taken < (pub("1") + pub("2") + COVERING_PING).length(); taken++) {
            FakeTransport narrow = new FakeTransport();
            OutboundBuffer two = OutboundBuffer.ofConnection(1 << 20);
            SocketWriter halting = new SocketWriter(two, narrow, failures::add);
            int room = taken;
            narrow.room(() -> room);
            publish(two, "1");
            publish(two, "2");

            halting.flush();
            assertThat(narrow.written()).hasSize(taken);
            assertThat(narrow.writeRequests()).isEqualTo(1);
            halting.flush();
            assertThat(narrow.written()).as("nobody but the loop goes on").hasSize(taken);

            publish(two, "3");
            narrow.room(() -> Integer.MAX_VALUE);
            halting.onWritable();
            assertThat(narrow.written()).isEqualTo(pub("1") + pub("2") + COVERING_PING + pub("3"));
            assertThat(narrow.writeRequests()).as("once more, to look again").isEqualTo(2);
            halting.onWritable();
            assertThat(narrow.writeRequests()).isEqualTo(2);
        }
    }

    @Test
    void whatIsAppendedDuringAWriteIsWrittenByWhoeverWrites() {
        List<String> late = new ArrayList<>(List.of("2", "3"));
        transport.beforeWrite(() -> {
            if (!late.isEmpty()) {
                publish(late.remove(0));
                writer.flush();
            }
        });
        publish("1");

        writer.flush();

        assertThat(transport.written()).contains(pub("1"), pub("2"), pub("3"));
        assertThat(transport.writeRequests()).isZero();
    }

    @Test
    void aCallerIsNotKeptForOtherCallersSake() {
        boolean[] busy = {true};
        transport.beforeWrite(() -> {
            if (busy[0]) {
                publish("1");
                writer.flush();
            }
        });

        writer.flush();
        assertThat(transport.writeRequests()).isEqualTo(1);
        String byTheCaller = transport.written();

        busy[0] = false;
        writer.onWritable();
        assertThat(transport.written().length() - byTheCaller.length()).isEqualTo(pub("1").length());
        assertThat(transport.writeRequests()).as("once more, to look again").isEqualTo(2);
    }

    @Test
    void inABurstTheLoopWritesAndLooksAgainUntilThereIsNothing() {
        SocketWriter hurried = inABurst();

        publish("2");
        hurried.flush();
        publish("3");
        hurried.flush();
        assertThat(transport.takeWritten()).isEmpty();
        assertThat(transport.takeWriteRequests()).isEqualTo(1);

        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("2") + pub("3"));
        assertThat(transport.takeWriteRequests()).as("to look again").isEqualTo(1);
        publish("4");
        hurried.flush();
        publish("5");
        hurried.flush();
        assertThat(transport.takeWritten()).isEmpty();
        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("4") + pub("5"));
        assertThat(transport.takeWriteRequests()).isEqualTo(1);

        hurried.onWritable();
        assertThat(transport.takeWriteRequests()).as("nothing has come").isZero();
        publish("6");
        hurried.flush();
        assertThat(transport.takeWriteRequests()).as("still a burst").isEqualTo(1);
    }

    @Test
    void aBurstIsOverWhenNothingHasJoinedACommand() {
        SocketWriter hurried = inABurst();
        publish("2");
        hurried.flushSoon();
        assertThat(transport.takeWritten()).isEmpty();
        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("2"));

        publish("3");
        hurried.flushSoon();

        assertThat(transport.takeWritten()).as("by its caller, at once").isEqualTo(pub("3"));
    }

    @Test
    void publishesOfABurstGatherUntilTheLoopComes() {
        SocketWriter hurried = inABurst();

        publish("2");
        hurried.flushSoon();
        publish("3");
        hurried.flushSoon();
        assertThat(transport.takeWritten()).isEmpty();
        assertThat(transport.takeWriteRequests()).as("asked once").isEqualTo(1);

        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("2") + pub("3"));
        assertThat(transport.takeWriteRequests()).isZero();
        publish("4");
        hurried.flushSoon();
        assertThat(transport.takeWriteRequests()).as("asked again").isEqualTo(1);
        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("4"));
    }

    @Test
    void aCallerWritesWhatHasGatheredOnceItIsEnough() {
        SocketWriter hurried = inABurst();
        publish("2");
        hurried.flushSoon();
        int enough = SocketWriter.ENOUGH_BYTES / pub("3").length();

        for (int i = 0; i < enough; i++) {
            publish("3");
            hurried.flushSoon();
        }

        assertThat(transport.takeWritten()).isEqualTo(pub("2") + pub("3").repeat(enough));
    }

    @Test
    void nothingIsRefusedForWhatOnlyGathers() {
        OutboundBuffer small = OutboundBuffer.ofConnection(100);
        SocketWriter hurried = new SocketWriter(small, transport, failures::add, BURST);

        for (int i = 0; i < 1_000; i++) {
            publish(small, "1");
            hurried.flushSoon();
        }
        hurried.onWritable();

        assertThat(transport.written().split(pub("1"), -1)).hasSize(1_001);
    }

    @Test
    void whatMayNotWaitTakesAlongWhatGathers() {
        SocketWriter hurried = inABurst();
        publish("2");
        hurried.flushSoon();
        transport.takeWriteRequests();

        publish("3");
        hurried.flush();
        assertThat(transport.takeWriteRequests())
                .as("the next turn of the loop")
                .isEqualTo(1);
        hurried.onWritable();
        assertThat(transport.takeWritten()).isEqualTo(pub("2") + pub("3"));
    }

    /** One that the next flush will find in a burst. */
    private SocketWriter inABurst() {
        SocketWriter hurried = new SocketWriter(buffer, transport, failures::add, BURST);
        publish("1");
        for (int i = 0; i < SocketWriter.BURST_FLUSHES - 1; i++) {
            hurried.flushSoon();
        }
        assertThat(transport.takeWritten()).startsWith(pub("1"));
        assertThat(transport.writeRequests()).isZero();
        return hurried;
    }

    @Test
    void aPauseEndsABurst() throws InterruptedException {
        long pauseNs = TimeUnit.MILLISECONDS.toNanos(1);
        SocketWriter hurried = new SocketWriter(buffer, transport, failures::add, pauseNs);
        for (int i = 0; i < 100; i++) {
            publish("1");
            hurried.flush();
            long begunNs = System.nanoTime();
            while (System.nanoTime() - begunNs <= pauseNs) {
                Thread.onSpinWait();
            }
        }

        assertThat(transport.writeRequests()).isZero();
    }

    @Test
    void tellsOnceThatTheSocketIsBroken() {
        IOException broken = new IOException("broken pipe");
        transport.breakWith(broken);
        publish("1");

        writer.flush();
        writer.flush();
        writer.onWritable();
        writer.close();

        assertThat(failures).containsExactly(broken);
    }

    @ParameterizedTest
    @MethodSource("surprises")
    void aWriterThatIsSurprisedClosesAndSaysWhy(Throwable surprise) {
        transport.beforeWrite(() -> {
            if (surprise instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) surprise;
        });
        publish("1");

        writer.flush();
        writer.flush();
        writer.close();

        assertThat(failures)
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure).hasMessageContaining("surprise").hasCause(surprise));
    }

    static List<Throwable> surprises() {
        return List.of(new IllegalStateException("surprise"), new InternalError("surprise"));
    }

    @Test
    void whatABrokenSocketTookInPartMoves() {
        transport.room(() -> pub("1").length() + 1);
        publish("1");
        publish("2");
        writer.flush();
        transport.breakWith(new IOException("broken pipe"));
        writer.onWritable();
        publish("3");
        buffer.seal();
        writer.close();

        OutboundBuffer next = OutboundBuffer.ofConnection(1 << 20);
        assertThat(writer.moveUnwritten(next, Ending.UNKNOWN, 0)).isEqualTo(1);

        FakeTransport healthy = new FakeTransport();
        new SocketWriter(next, healthy, failures::add).flush();
        assertThat(healthy.written()).isEqualTo(pub("2") + pub("3") + COVERING_PING);
    }

    @Test
    void writesNothingOnceClosed() {
        writer.close();
        writer.close();
        publish("1");

        writer.flush();
        writer.onWritable();

        assertThat(transport.written()).isEmpty();
    }

    @Test
    void closingWaitsForWhoeverIsWriting() throws Exception {
        CountDownLatch inWrite = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        transport.beforeWrite(() -> {
            inWrite.countDown();
            awaitUninterruptibly(letGo);
        });
        publish("1");
        Thread caller = new Thread(writer::flush);
        caller.start();
        inWrite.await();

        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread loop = new Thread(() -> {
            writer.close();
            closed.complete(null);
        });
        loop.start();
        while (loop.getState() != Thread.State.TIMED_WAITING) {
            assertThat(closed).isNotDone();
            Thread.onSpinWait();
        }
        letGo.countDown();

        closed.get(10, TimeUnit.SECONDS);
        caller.join();
        loop.join();
        assertThat(failures).isEmpty();
    }

    @Test
    void closingLeavesAWriterBehindThatDoesNotComeBackAndDoubtsWhatItHas() throws Exception {
        CountDownLatch inWrite = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        publish("1");
        buffer.ping(new RecordingPing("flush", pingEvents));
        transport.beforeWrite(() -> {
            if (buffer.describeFill().startsWith("0 ")) { // Taken, and about to be written.
                inWrite.countDown();
                awaitUninterruptibly(letGo);
            }
        });
        Thread caller = new Thread(writer::flush);
        caller.start();
        inWrite.await();
        publish("2");
        buffer.seal();

        writer.close();

        OutboundBuffer next = OutboundBuffer.ofConnection(1 << 20);
        assertThat(writer.moveUnwritten(next, Ending.UNKNOWN, 0)).isEqualTo(1);
        assertThat(pingEvents).containsExactly("flush lost");
        IOException closed = new IOException("closed");
        transport.breakWith(closed);
        letGo.countDown();
        caller.join();
        assertThat(failures).containsExactly(closed);
        FakeTransport healthy = new FakeTransport();
        new SocketWriter(next, healthy, failures::add).flush();
        assertThat(healthy.written()).isEqualTo(pub("2") + COVERING_PING);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void publish(String digit) {
        publish(buffer, digit);
    }

    private static void publish(OutboundBuffer target, String digit) {
        target.publish("a", null, null, digit.getBytes(US_ASCII), 0, 1, ProtocolEncoder.pubSize(1, 0, 0, 1));
    }

    private static String pub(String digit) {
        return "PUB a 1\r\n" + digit + "\r\n";
    }
}
