package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** The seal, the hold, and what the buffer says of itself while somebody takes from it. */
public class OutboundBufferStress {
    static final int LIMIT = 1_000;

    private static final Pattern COMMAND = Pattern.compile("PUB a 1\r\n(.)\r\n");
    private static final int SIZE = ProtocolEncoder.pubSize("a".length(), 0, 0, 1);

    /** Publishes something that {@link #digits} shows as that digit. */
    public static Append publish(OutboundBuffer buffer, int digit) {
        byte[] payload = {(byte) ('0' + digit)};
        return buffer.publish("a", null, null, payload, 0, payload.length, SIZE);
    }

    /** What was published, in the order of the wire; PINGs are left out, and whatever else is no whole publish stays. */
    public static String digits(String wire) {
        return COMMAND.matcher(wire.replace("PING\r\n", "")).replaceAll("$1");
    }

    /** Takes once what is in there. */
    static String take(OutboundBuffer buffer) {
        CommandBatch batch = buffer.take(new CommandBatch(), System.nanoTime());
        return batch == null ? "" : digits(US_ASCII.decode(batch.unwritten()).toString());
    }

    /** A move by a socket that had nothing to write: appended to the old buffer, or told to look for the next one. */
    @JCStressTest
    @State
    @Outcome(id = "ACCEPTED, next", expect = ACCEPTABLE, desc = "before the seal: it went along")
    @Outcome(id = "SEALED, nowhere", expect = ACCEPTABLE, desc = "after the seal: the caller still has it")
    public static class WhatMeetsTheSealIsInOnePlace {
        private final OutboundBuffer old = OutboundBuffer.offline(LIMIT);
        private final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);

        @Actor
        public void caller(LL_Result r) {
            r.r1 = publish(old, 1);
        }

        @Actor
        public void loop() {
            old.seal();
            old.moveTo(next, System.nanoTime());
        }

        @Arbiter
        public void whereItIs(LL_Result r) {
            r.r2 = place(List.of("old", "next"), List.of(take(old), take(next)));
        }
    }

    /** The one name whose content is the digit 1, or a description that no outcome accepts. */
    static String place(List<String> names, List<String> contents) {
        StringBuilder places = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            String content = contents.get(i);
            if (content.equals("1")) {
                places.append(names.get(i));
            } else if (content.contains("1")) {
                places.append(names.get(i)).append('[').append(content).append(']');
            }
        }
        return places.isEmpty() ? "nowhere" : places.toString();
    }

    /** A buffer with its writer. */
    private static final class Link {
        /** Those that nothing is left in: making one takes far longer than what is stressed. */
        private static final Queue<Link> SPARE = new ConcurrentLinkedQueue<>();

        final OutboundBuffer buffer = OutboundBuffer.ofConnection(LIMIT);
        private CommandBatch written = new CommandBatch();

        static Link spare() {
            Link spare = SPARE.poll();
            return spare == null ? new Link() : spare;
        }

        String take() {
            CommandBatch next = buffer.take(written, System.nanoTime());
            if (next == null) {
                return "";
            }
            written = next;
            return digits(US_ASCII.decode(next.unwritten()).toString());
        }

        void ping() {
            buffer.ping(new RecordingPing("ping", new ArrayList<>()));
        }

        /** What is left. */
        String end() {
            String rest = take();
            ping();
            take();
            buffer.onPong(System.nanoTime());
            if (buffer.isCovered()) {
                SPARE.add(this);
            }
            return rest;
        }
    }

    /** Two callers, one of whom also takes. */
    @JCStressTest
    @State
    @Outcome(id = "(123|132|312)", expect = ACCEPTABLE, desc = "each once, those of one caller in their order")
    public static class WhatIsTakenIsEverythingOnceInOrder {
        private final Link link = Link.spare();
        private String taken;

        @Actor
        public void caller() {
            publish(link.buffer, 1);
            publish(link.buffer, 2);
        }

        @Actor
        public void writer() {
            publish(link.buffer, 3);
            taken = link.take();
        }

        @Arbiter
        public void taken(L_Result r) {
            r.r1 = taken + link.end();
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "123", expect = ACCEPTABLE, desc = "the order of the calls")
    public static class AHeldPublishIsNotOvertakenByALaterOne {
        private final Link link = Link.spare();

        public AHeldPublishIsNotOvertakenByALaterOne() {
            link.buffer.hold();
            publish(link.buffer, 1);
        }

        @Actor
        public void caller() {
            publish(link.buffer, 2);
            publish(link.buffer, 3);
        }

        @Actor
        public void loop() {
            link.buffer.release();
        }

        @Arbiter
        public void order(L_Result r) {
            r.r1 = link.end();
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "there was one, and no PONG has come for it")
    public static class APublishIsInSightWhileItIsTaken {
        private final Link link = Link.spare();

        public APublishIsInSightWhileItIsTaken() {
            publish(link.buffer, 1);
        }

        @Actor
        public void writer() {
            link.take();
        }

        @Actor
        public void loop(ZZ_Result r) {
            r.r1 = link.buffer.hasPublishedSince(System.nanoTime());
            r.r2 = link.buffer.isCovered();
        }

        @Arbiter
        public void end() {
            link.end();
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "(true|false), false", expect = ACCEPTABLE, desc = "the PONG is for what came before its PING")
    public static class APongSaysNothingOfALaterPublish {
        private final Link link = Link.spare();

        public APongSaysNothingOfALaterPublish() {
            publish(link.buffer, 1);
            link.ping();
            link.take();
        }

        @Actor
        public void caller() {
            publish(link.buffer, 2);
            link.take();
        }

        @Actor
        public void loop(ZZ_Result r) {
            link.buffer.onPong(System.nanoTime());
            r.r1 = link.buffer.isCovered();
        }

        @Arbiter
        public void end(ZZ_Result r) {
            r.r2 = link.buffer.isCovered();
            link.end();
        }
    }

    /** A caller who misses the signal waits for its deadline. */
    @State
    public static class FullBuffer {
        final OutboundBuffer buffer = OutboundBuffer.ofConnection(SIZE);

        public FullBuffer() {
            publish(buffer, 1);
        }

        boolean awaitRoom() {
            try {
                return buffer.awaitRoom(SIZE, System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts an actor", e);
            }
        }
    }

    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "woken, or never asleep")
    public static class WhoWaitsForRoomIsWokenByATake {
        @Actor
        public void caller(FullBuffer full, Z_Result r) {
            r.r1 = full.awaitRoom();
        }

        @Actor
        public void writer(FullBuffer full) {
            take(full.buffer);
        }
    }

    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "woken, or never asleep")
    public static class WhoWaitsForRoomIsWokenByTheSeal {
        @Actor
        public void caller(FullBuffer full, Z_Result r) {
            r.r1 = full.awaitRoom();
        }

        @Actor
        public void loop(FullBuffer full) {
            full.buffer.seal();
        }
    }
}
