package io.mallard.internal.route;

import static io.mallard.internal.outbound.OutboundBufferStress.digits;
import static io.mallard.internal.outbound.OutboundBufferStress.publish;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LJ_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A move as a caller meets it: seal, put what goes first, store the route. */
public class RouterStress {
    private static final int LIMIT = 1_000;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private static String offer(Router router, int digit) {
        Refusal refusal = router.offer(outbound -> publish(outbound, digit), 1, 0, 1, true, TIMEOUT_NS);
        return refusal == null ? "accepted" : refusal.reason().name();
    }

    @JCStressTest
    @State
    @Outcome(id = "accepted, 12", expect = ACCEPTABLE, desc = "both arrive, in the order of the calls")
    public static class ACallerWhoMeetsTheSealFindsTheSuccessor {
        private final OutboundBuffer old = OutboundBuffer.offline(LIMIT);
        private final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);
        private final Router router = new Router(Route.offline(old, LIMIT));

        @Actor
        public void caller(LL_Result r) {
            String first = offer(router, 1);
            String second = offer(router, 2);
            r.r1 = first.equals(second) ? first : first + " and " + second;
        }

        @Actor
        public void loop() {
            old.seal();
            old.moveTo(next, System.nanoTime());
            router.moveTo(Route.offline(next, LIMIT));
        }

        @Arbiter
        public void arrived(LL_Result r) {
            FakeTransport transport = new FakeTransport();
            new SocketWriter(next, transport, cause -> {}).flush();
            r.r2 = digits(transport.takeWritten());
        }
    }

    @JCStressTest
    @State
    @Outcome(id = "accepted, 1", expect = ACCEPTABLE, desc = "before the seal: it counts as unsent")
    @Outcome(id = "CLIENT_CLOSED, 0", expect = ACCEPTABLE, desc = "after it")
    public static class ACallerWhoMeetsTheEndIsToldSo {
        private final OutboundBuffer last = OutboundBuffer.offline(LIMIT);
        private final Router router = new Router(Route.offline(last, LIMIT));

        @Actor
        public void caller(LJ_Result r) {
            r.r1 = offer(router, 1);
        }

        @Actor
        public void loop() {
            last.seal();
            router.moveTo(Route.closed());
            last.moveTo(router.current().outbound(), System.nanoTime());
        }

        @Arbiter
        public void unsent(LJ_Result r) {
            r.r2 = router.current().outbound().abandon();
        }
    }
}
