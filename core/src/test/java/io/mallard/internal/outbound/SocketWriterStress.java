package io.mallard.internal.outbound;

import static io.mallard.internal.outbound.OutboundBufferStress.LIMIT;
import static io.mallard.internal.outbound.OutboundBufferStress.digits;
import static io.mallard.internal.outbound.OutboundBufferStress.place;
import static io.mallard.internal.outbound.OutboundBufferStress.publish;
import static io.mallard.internal.outbound.OutboundBufferStress.take;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.internal.outbound.OutboundBuffer.Append;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLJ_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The write token: whoever finds it taken relies on its holder, or on the loop, to see what was appended. */
public class SocketWriterStress {
    private static final long NO_BURST = 0;
    private static final long BURST = Long.MAX_VALUE;

    /** A connection without its handshake. */
    private static final class Link {
        /** Those that nothing is left in: making one takes far longer than what is stressed. */
        private static final Queue<Link> SPARE = new ConcurrentLinkedQueue<>();

        final OutboundBuffer buffer = OutboundBuffer.ofConnection(LIMIT);
        final FakeTransport transport = new FakeTransport();
        final SocketWriter writer;

        Link() {
            this(NO_BURST);
        }

        Link(long burstGapNs) {
            writer = new SocketWriter(buffer, transport, cause -> {}, burstGapNs);
        }

        Append send(int digit) {
            Append answer = publish(buffer, digit);
            if (answer == Append.ACCEPTED) {
                writer.flush();
            }
            return answer;
        }

        static Link spare() {
            Link spare = SPARE.poll();
            return spare == null ? new Link() : spare;
        }

        /** What was written of two publishes; if that is both, the link is spare. */
        String written() {
            String written = writtenByNow();
            if (written.length() == 2) {
                SPARE.add(this);
            }
            return written;
        }

        String writtenByNow() {
            turnIfAsked();
            turnIfAsked(); // Which finds nothing, and gives the token back.
            return digits(transport.takeWritten());
        }

        /** What the loop does when it was asked to write. */
        void turnIfAsked() {
            if (transport.takeWriteRequests() > 0) {
                writer.onWritable();
            }
        }

        void fill() {
            transport.room(() -> 0);
        }

        void drain() {
            transport.room(() -> Integer.MAX_VALUE);
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "(12|21)", expect = ACCEPTABLE, desc = "one of the two has written both, or each its own")
    public static class WhatTwoCallersAppendIsWritten {
        private final Link link = Link.spare();

        @Actor
        public void caller() {
            link.send(1);
        }

        @Actor
        public void otherCaller() {
            link.send(2);
        }

        @Arbiter
        public void written(L_Result r) {
            r.r1 = link.written();
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "(12|21)", expect = ACCEPTABLE, desc = "by the loop, which was asked for it")
    public static class WhatMeetsAFullSocketIsLeftToTheLoop {
        private final Link link = Link.spare();

        public WhatMeetsAFullSocketIsLeftToTheLoop() {
            link.fill();
        }

        @Actor
        public void caller() {
            link.send(1);
        }

        @Actor
        public void otherCaller() {
            link.send(2);
        }

        @Arbiter
        public void written(L_Result r) {
            link.drain();
            r.r1 = link.written();
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "by the loop, or by the caller behind it")
    public static class WhatIsAppendedWhileTheLoopWritesIsWritten {
        private final Link link = Link.spare();

        public WhatIsAppendedWhileTheLoopWritesIsWritten() {
            link.fill();
            link.send(1);
            link.drain();
        }

        @Actor
        public void caller() {
            link.send(2);
        }

        @Actor
        public void loop() {
            link.writer.onWritable();
        }

        @Arbiter
        public void written(L_Result r) {
            r.r1 = link.written();
        }
    }

    /** The loop is as fast as a loop can be. */
    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "by the loop, which is asked once")
    public static class TheLoopThatIsAskedToWriteFindsTheTokenFree {
        private final Link link = Link.spare();

        public TheLoopThatIsAskedToWriteFindsTheTokenFree() {
            link.fill();
        }

        @Actor
        public void caller() {
            link.send(1);
            link.send(2);
        }

        @Actor
        public void loop() {
            while (link.transport.takeWriteRequests() == 0) {
                Thread.onSpinWait();
            }
            link.drain();
            link.writer.onWritable();
        }

        @Arbiter
        public void written(L_Result r) {
            r.r1 = link.written();
        }
    }

    /** The loop that finds nothing gives the token back; a caller who came before that relies on it. */
    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "by the loop, which is asked again if it had given up")
    public static class WhatIsAppendedInABurstWhileTheLoopLooksIsWritten {
        private final Link link = new Link(BURST);

        public WhatIsAppendedInABurstWhileTheLoopLooksIsWritten() {
            for (int i = 0; i < SocketWriter.BURST_FLUSHES; i++) {
                link.writer.flush();
            }
        }

        @Actor
        public void caller() {
            link.send(1);
            link.send(2);
        }

        @Actor
        public void loop() {
            link.turnIfAsked();
            link.turnIfAsked();
            link.turnIfAsked();
        }

        @Arbiter
        public void written(L_Result r) {
            r.r1 = link.writtenByNow();
        }
    }

    /** The loop comes for what gathers, and whoever comes after it has to ask it again. */
    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "by the loop, which is asked again for what it has not seen")
    public static class WhatGathersWhileTheLoopComesIsWritten {
        private final Link link = new Link(BURST);

        public WhatGathersWhileTheLoopComesIsWritten() {
            for (int i = 0; i < SocketWriter.BURST_FLUSHES - 1; i++) {
                link.writer.flush();
            }
        }

        private void sendSoon(int digit) {
            publish(link.buffer, digit);
            link.writer.flushSoon();
        }

        @Actor
        public void caller() {
            sendSoon(1);
            sendSoon(2);
        }

        @Actor
        public void loop() {
            link.turnIfAsked();
            link.turnIfAsked();
        }

        @Arbiter
        public void written(L_Result r) {
            r.r1 = link.writtenByNow();
        }
    }

    /** A move away from a connection that is closed while a caller writes. */
    @JCStressTest
    @State
    @Outcome(id = "ACCEPTED, wire, 1", expect = ACCEPTABLE, desc = "written, so it is in doubt")
    @Outcome(id = "ACCEPTED, next, 0", expect = ACCEPTABLE, desc = "not written, so it went along")
    @Outcome(id = "SEALED, nowhere, 0", expect = ACCEPTABLE, desc = "after the seal: the caller still has it")
    public static class WhatMeetsTheCloseIsInOnePlace {
        private final Link old = new Link();
        private final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);

        @Actor
        public void caller(LLJ_Result r) {
            r.r1 = old.send(1);
        }

        @Actor
        public void loop(LLJ_Result r) {
            old.buffer.seal();
            old.transport.close();
            old.writer.close();
            r.r3 = old.writer.moveUnwritten(next, Ending.UNKNOWN, System.nanoTime());
        }

        @Arbiter
        public void whereItIs(LLJ_Result r) {
            r.r2 = place(
                    List.of("old", "wire", "next"),
                    List.of(take(old.buffer), digits(old.transport.written()), take(next)));
        }
    }

    /** The same when the socket has taken the first half of what the caller writes. */
    @JCStressTest
    @State
    @Outcome(id = "ACCEPTED, next, 0", expect = ACCEPTABLE, desc = "not executed, so it went along whole")
    @Outcome(id = "SEALED, nowhere, 0", expect = ACCEPTABLE, desc = "after the seal: the caller still has it")
    public static class WhatIsHalfWrittenAtTheCloseGoesAlong {
        private final Link old = new Link();
        private final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);

        public WhatIsHalfWrittenAtTheCloseGoesAlong() {
            old.transport.room(() -> 5);
        }

        @Actor
        public void caller(LLJ_Result r) {
            r.r1 = old.send(1);
        }

        @Actor
        public void loop(LLJ_Result r) {
            old.buffer.seal();
            old.transport.close();
            old.writer.close();
            r.r3 = old.writer.moveUnwritten(next, Ending.UNKNOWN, System.nanoTime());
        }

        @Arbiter
        public void whereItIs(LLJ_Result r) {
            r.r2 = place(List.of("old", "next"), List.of(take(old.buffer), take(next)));
        }
    }
}
