package io.mallard.internal.request;

import static io.mallard.internal.request.RequestTableStress.NOBODY;
import static io.mallard.internal.request.RequestTableStress.OPTIONS;
import static io.mallard.internal.request.RequestTableStress.replyTo;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.internal.request.RequestTableStress.CountingRequest;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A caller that goes to sleep while its request ends. One that is not woken hangs, and with it the test. */
public class BlockingRequestStress {
    private static final byte[] NOTHING = {};
    private static final int ABOUT_AN_EXCHANGE_NS = 3_000;

    private static String await(BlockingRequest request, RequestTable table) {
        try {
            return new String(request.await(table).payload(), US_ASCII);
        } catch (NatsException e) {
            return e.status().name();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts an actor", e);
        }
    }

    /** A caller and the loop, which has the reply as soon as the request is sent. */
    @State
    public static class Exchange {
        private final RequestTable table = RequestTableStress.table();
        private volatile BlockingRequest sent;

        String request(long timeoutNs) {
            BlockingRequest request = new BlockingRequest("echo", null, OPTIONS, NOTHING, timeoutNs, System.nanoTime());
            table.add(request);
            sent = request;
            return await(request, table);
        }

        BlockingRequest awaitRequest() {
            BlockingRequest request;
            while ((request = sent) == null) {
                Thread.onSpinWait();
            }
            return request;
        }

        void reply() {
            table.onReply(replyTo(awaitRequest()), NOBODY);
        }
    }

    @JCStressTest
    @Outcome(id = "reply", expect = ACCEPTABLE, desc = "woken, or never asleep")
    public static class TheCallerIsWokenByTheReply {
        @Actor
        public void caller(Exchange exchange, L_Result r) {
            r.r1 = exchange.request(TimeUnit.DAYS.toNanos(1));
        }

        @Actor
        public void loop(Exchange exchange) {
            exchange.reply();
        }
    }

    @JCStressTest
    @Outcome(id = "reply", expect = ACCEPTABLE, desc = "in time")
    @Outcome(id = "TIMEOUT", expect = ACCEPTABLE, desc = "too late")
    public static class TheCallerComesBackAtTheDeadline {
        @Actor
        public void caller(Exchange exchange, L_Result r) {
            r.r1 = exchange.request(ThreadLocalRandom.current().nextInt(ABOUT_AN_EXCHANGE_NS));
        }

        @Actor
        public void loop(Exchange exchange) {
            exchange.reply();
        }
    }

    @JCStressTest
    @Outcome(id = "TIMEOUT", expect = ACCEPTABLE, desc = "by the loop or by the caller itself")
    public static class TheCallerIsWokenByTheLoopsClock {
        @Actor
        public void caller(Exchange exchange, L_Result r) {
            r.r1 = exchange.request(ThreadLocalRandom.current().nextInt(ABOUT_AN_EXCHANGE_NS));
        }

        @Actor
        public void loop(Exchange exchange) {
            exchange.table.expire(exchange.awaitRequest().deadlineNs);
        }
    }

    /** A caller at its deadline that has to wait for the table, whose request somebody else has just taken out. */
    @JCStressTest
    @State
    @Outcome(id = "reply", expect = ACCEPTABLE, desc = "the end of one wait is not taken for that of the other")
    public static class TheCallerThatWaitedForTheTableIsWokenByTheReply {
        /** As many as fit: the next one is a while's work, under the lock of the table. */
        private static final int OTHERS = 768;

        private final RequestTable table = RequestTableStress.table();
        private volatile BlockingRequest takenOut;
        private volatile boolean busy;

        public TheCallerThatWaitedForTheTableIsWokenByTheReply() {
            for (int i = 0; i < OTHERS; i++) {
                table.add(new CountingRequest(1));
            }
        }

        @Actor
        public void caller(L_Result r) {
            BlockingRequest request = new BlockingRequest("echo", null, OPTIONS, NOTHING, 0, System.nanoTime());
            takenOut = request;
            while (!busy) {
                Thread.onSpinWait();
            }
            r.r1 = await(request, table);
        }

        @Actor
        public void loop() {
            BlockingRequest request;
            while ((request = takenOut) == null) {
                Thread.onSpinWait();
            }
            busy = true;
            table.add(new CountingRequest(1));
            request.succeed(new NatsMessage("inbox", null, "reply".getBytes(US_ASCII)));
        }
    }
}
