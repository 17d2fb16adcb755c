package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;

/** Messages that come while the reader ends its turn, while there is no room for them, or while the subscription ends. */
public class MailboxStress {
    /** A mailbox, an executor whose threads the actors are, and a reader that notices a second one. */
    @State
    public static class Reading {
        private final Queue<Runnable> executor = new ConcurrentLinkedQueue<>();
        final Mailbox mailbox;
        // Without any protection: there is one reader at a time, and the next one sees what it has done.
        private final StringBuilder read = new StringBuilder();
        private boolean reading;

        public Reading() {
            this(new PendingOptions(10, 1_000, PendingPolicy.DROP_NEW));
        }

        Reading(PendingOptions limits) {
            mailbox = new Mailbox(executor::add, this::read, refused -> {}, limits);
        }

        void end(char mark) {
            read.append(mark);
        }

        private void read(NatsMessage message) {
            read.append(reading ? "two at a time" : new String(message.payload(), US_ASCII));
            reading = true;
            Thread.onSpinWait();
            reading = false;
        }

        void offer(int digit) {
            mailbox.offer(new NatsMessage("a", null, new byte[] {(byte) ('0' + digit)}));
            mailbox.handOver();
        }

        /** What one thread of the executor does. */
        void work() {
            Runnable task;
            while ((task = executor.poll()) != null) {
                task.run();
            }
        }

        void end(LI_Result r) {
            work();
            r.r1 = read.toString();
            r.r2 = mailbox.pending();
        }
    }

    /** One with a message that waits already. */
    @State
    public static class ReadingOne extends Reading {
        public ReadingOne() {
            offer(1);
        }
    }

    /** One with room for two messages, which are there already. */
    @State
    public static class ReadingTwo extends Reading {
        public ReadingTwo() {
            super(new PendingOptions(2, 1_000, PendingPolicy.DROP_OLD));
            offer(1);
            offer(2);
        }
    }

    /** One that reads on demand, and has one message and no demand yet. */
    @State
    public static class ReadingOnDemand extends Reading {
        public ReadingOnDemand() {
            mailbox.readOnDemand(() -> end('.'));
            mailbox.start();
            work();
            offer(1);
        }
    }

    @JCStressTest
    @Outcome(id = "12., 0", expect = ACCEPTABLE, desc = "what is demanded is read, and the end is told once, behind it")
    public static class NoDemandIsLost {
        @Actor
        public void loop(ReadingOnDemand reading) {
            reading.offer(2);
            reading.mailbox.finish();
            reading.work();
        }

        @Actor
        public void subscriber(ReadingOnDemand reading) {
            reading.mailbox.demand(1);
            reading.mailbox.demand(1);
            reading.work();
        }

        @Arbiter
        public void end(ReadingOnDemand reading, LI_Result r) {
            reading.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "(\\.|1\\.), 0", expect = ACCEPTABLE, desc = "the end is told once, and nothing is read behind it")
    public static class TheEndIsToldOnce {
        @Actor
        public void loop(ReadingOnDemand reading) {
            reading.mailbox.demand(1);
            reading.work();
        }

        @Actor
        public void caller(ReadingOnDemand reading) {
            reading.mailbox.close();
            reading.work();
        }

        @Arbiter
        public void end(ReadingOnDemand reading, LI_Result r) {
            reading.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "(123|13), 0", expect = ACCEPTABLE, desc = "what the reader has begun with is not dropped")
    @Outcome(id = "23, 0", expect = ACCEPTABLE, desc = "the oldest is dropped")
    public static class WhatIsDroppedIsTheOldestThatNobodyReads {
        @Actor
        public void loop(ReadingTwo reading) {
            reading.offer(3);
            reading.work();
        }

        @Actor
        public void executor(ReadingTwo reading) {
            reading.work();
        }

        @Arbiter
        public void end(ReadingTwo reading, LI_Result r) {
            reading.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "123, 0", expect = ACCEPTABLE, desc = "all are read, in order, by one reader at a time")
    public static class NoMessageIsLeftWithoutAReader {
        @Actor
        public void loop(ReadingOne reading) {
            reading.offer(2);
            reading.offer(3);
            reading.work(); // As a second thread of the executor.
        }

        @Actor
        public void executor(ReadingOne reading) {
            reading.work();
        }

        @Arbiter
        public void end(ReadingOne reading, LI_Result r) {
            reading.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "(|1|12), 0", expect = ACCEPTABLE, desc = "what was read before the end; nothing counts as pending")
    public static class NothingIsPendingAfterTheEnd {
        @Actor
        public void loop(ReadingOne reading) {
            reading.offer(2);
            reading.work();
        }

        @Actor
        public void caller(ReadingOne reading) {
            reading.mailbox.close();
        }

        @Arbiter
        public void end(ReadingOne reading, LI_Result r) {
            reading.end(r);
        }
    }
}
