package io.mallard.internal.subscribe;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.PendingOptions;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** What the next server is told of a subscription that begins or ends while traffic moves to it. */
public class SubscriptionRegistryStress {
    private static final int LIMIT = 1_000;

    private static final ActiveSubscription.Client NOBODY = new NoClient();

    /** Two connections and the route from one to the other. */
    @State
    public static class Move {
        final SubscriptionRegistry registry = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
        final OutboundBuffer left = OutboundBuffer.ofConnection(LIMIT);
        final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);
        final Router router = new Router(Route.offline(left, LIMIT));
        private final FakeTransport transport = new FakeTransport();
        private final SocketWriter writer = new SocketWriter(next, transport, cause -> {});

        ActiveSubscription add() {
            return registry.add("a", null, message -> {}, Runnable::run, NOBODY);
        }

        static long inAWhile() {
            return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        }

        /** What the route does after an append, if it leads there. */
        void flush() {
            if (router.current().outbound() == next) {
                writer.flush();
            }
        }

        void unsubscribe(ActiveSubscription subscription) {
            registry.remove(subscription);
            router.append(outbound -> outbound.unsubscribe(subscription.sid(), 0), inAWhile());
            flush();
        }

        void moveTraffic() {
            left.seal();
            router.moveTo(Route.offline(next, LIMIT));
        }

        void resubscribe() {
            registry.subscribeAll(next);
            flush();
        }

        String toldTheNextServer() {
            return transport.takeWritten().trim().replace("\r\n", ", then ");
        }
    }

    /** One with a subscription that both servers are to forget. */
    @State
    public static class MoveWithSubscription extends Move {
        final ActiveSubscription subscription = add();
    }

    /** One whose traffic has moved already: the subscriptions follow some time later. */
    @State
    public static class HalfMoveWithSubscription extends MoveWithSubscription {
        public HalfMoveWithSubscription() {
            moveTraffic();
        }
    }

    @JCStressTest
    @Outcome(
            id = "SUB a 2(, then SUB a 2)?",
            expect = ACCEPTABLE,
            desc = "told; a server takes the second as the first")
    public static class TheNextServerIsToldOfEverySubscription {
        @Actor
        public void caller(Move move) {
            ActiveSubscription subscription = move.add();
            move.router.append(
                    outbound -> outbound.subscribe(subscription.subject(), null, subscription.sid()), Move.inAWhile());
            move.flush();
        }

        @Actor
        public void loop(Move move) {
            move.moveTraffic();
            move.resubscribe();
        }

        @Arbiter
        public void told(Move move, L_Result r) {
            r.r1 = move.toldTheNextServer();
        }
    }

    @JCStressTest
    @Outcome(id = "", expect = ACCEPTABLE, desc = "it never heard of it")
    @Outcome(id = "(.*, then )?UNSUB 2", expect = ACCEPTABLE, desc = "the end is the last it hears of it")
    public static class TheNextServerIsToldOfEveryEnd {
        @Actor
        public void caller(MoveWithSubscription move) {
            move.unsubscribe(move.subscription);
        }

        @Actor
        public void loop(MoveWithSubscription move) {
            move.moveTraffic();
            move.resubscribe();
        }

        @Arbiter
        public void told(MoveWithSubscription move, L_Result r) {
            r.r1 = move.toldTheNextServer();
        }
    }

    @JCStressTest
    @Outcome(id = "(.*, then )?UNSUB 2", expect = ACCEPTABLE, desc = "the end is the last it hears of it")
    public static class AnEndBesideTheResubscriptionIsTheLastWord {
        @Actor
        public void caller(HalfMoveWithSubscription move) {
            move.unsubscribe(move.subscription);
        }

        @Actor
        public void loop(HalfMoveWithSubscription move) {
            move.resubscribe();
        }

        @Arbiter
        public void told(HalfMoveWithSubscription move, L_Result r) {
            r.r1 = move.toldTheNextServer();
        }
    }
}
