package io.mallard.internal.request;

import static io.mallard.internal.outbound.OutboundBufferStress.publish;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.route.Refusal;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZL_Result;

/** Who ends a request, when several could. */
public class RequestTableStress {
    static final Inbox INBOX = new Inbox("_INBOX", new Random(1));
    static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(20));
    static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final int LIMIT = 1_000;

    /** Counts how often it is ended, apart for each way: a way belongs to one thread. */
    static class CountingRequest extends PendingRequest {
        int replies;
        int failures;

        CountingRequest(long timeoutNs) {
            super("echo", null, OPTIONS, null, timeoutNs, 0);
        }

        @Override
        void succeed(NatsMessage reply) {
            replies++;
        }

        @Override
        void fail(NatsException why) {
            failures++;
        }
    }

    /** One that sends nothing twice. */
    static RequestTable table() {
        Router nowhere = new Router(Route.closed());
        return new RequestTable(INBOX, new Resender(nowhere, () -> false), new Counters(), 0);
    }

    static FakeMessage replyTo(PendingRequest request) {
        return new FakeMessage(Inbox.SID, new String(INBOX.prefix(), US_ASCII) + request.token, "reply");
    }

    /** A request under way. */
    @State
    public static class UnderWay {
        final RequestTable table = table();
        final CountingRequest request = new CountingRequest(TIMEOUT_NS);

        public UnderWay() {
            table.add(request);
        }

        void reply() {
            table.onReply(replyTo(request), NOBODY);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "the reply was first")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "the deadline was first")
    public static class OneOfReplyAndDeadlineEndsIt {
        @Actor
        public void loop(UnderWay underWay) {
            underWay.reply();
        }

        @Actor
        public void caller(UnderWay underWay) {
            underWay.table.timeOut(underWay.request);
        }

        @Arbiter
        public void end(UnderWay underWay, III_Result r) {
            r.r1 = underWay.request.replies;
            r.r2 = underWay.request.failures;
            r.r3 = underWay.table.size();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "the caller was first")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "the deadline was first")
    public static class OneOfCallerAndDeadlineEndsIt {
        @Actor
        public void caller(UnderWay underWay, III_Result r) {
            r.r1 = underWay.table.remove(underWay.request) ? 1 : 0;
        }

        @Actor
        public void loop(UnderWay underWay) {
            underWay.table.expire(TIMEOUT_NS);
        }

        @Arbiter
        public void end(UnderWay underWay, III_Result r) {
            r.r2 = underWay.request.failures;
            r.r3 = underWay.table.size();
        }
    }

    /** A request that has gone, but not yet from the time at which the loop looks for deadlines. */
    @JCStressTest
    @State
    @Outcome(id = "false, in time", expect = ACCEPTABLE, desc = "the loop has found it")
    @Outcome(id = "true, forever", expect = ACCEPTABLE, desc = "the loop has not, and is woken for it")
    public static class TheLoopDoesNotOversleepADeadline {
        private final RequestTable table = table();
        private final CountingRequest request = new CountingRequest(2 * TIMEOUT_NS);

        public TheLoopDoesNotOversleepADeadline() {
            CountingRequest gone = new CountingRequest(TIMEOUT_NS);
            table.add(gone);
            table.remove(gone);
        }

        @Actor
        public void caller(ZL_Result r) {
            r.r1 = table.add(request);
        }

        @Actor
        public void loop(ZL_Result r) {
            r.r2 = table.expire(TIMEOUT_NS) <= TIMEOUT_NS ? "in time" : "forever";
        }
    }

    /** The client is closed while somebody sends a request: there is nobody left to end it later. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "by the end of the client, or by the caller it has refused")
    public static class ARequestThatMeetsTheEndIsEnded {
        private final RequestTable table = table();
        private final OutboundBuffer last = OutboundBuffer.offline(LIMIT);
        private final Router router = new Router(Route.offline(last, LIMIT));
        private final AtomicInteger ended = new AtomicInteger();

        @Actor
        public void caller() {
            CountingRequest request = new CountingRequest(TIMEOUT_NS) {
                @Override
                void fail(NatsException why) {
                    ended.incrementAndGet();
                }
            };
            table.add(request);
            Refusal refusal = router.offer(outbound -> publish(outbound, 1), 1, 0, 1, true, TIMEOUT_NS);
            if (refusal != null && table.remove(request)) {
                request.fail(refusal.toException("not sent"));
            }
        }

        @Actor
        public void loop() {
            last.seal();
            router.moveTo(Route.closed());
            table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = ended.get();
            r.r2 = table.size();
        }
    }
}
