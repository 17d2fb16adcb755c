package io.mallard.internal.request;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Results that come while the thread that completes them is about to go, or about to begin. */
public class CompletionsStress {
    /** An executor whose threads the actors are; nobody looks after stalls unless an actor does. */
    @State
    public static class Idle {
        volatile @Nullable Thread loop;
        final Queue<Runnable> executor = new ConcurrentLinkedQueue<>();
        final Completions completions =
                new Completions(executor::add, executor::add, () -> Thread.currentThread() == loop, () -> {});
        final AtomicInteger completed = new AtomicInteger();

        void complete() {
            completions.execute(completed::incrementAndGet);
        }

        /** What one thread of the executor does. */
        void work() {
            Runnable task;
            while ((task = executor.poll()) != null) {
                task.run();
            }
        }

        void end(I_Result r) {
            work();
            r.r1 = completed.get();
        }
    }

    /** One with a result that waits already. */
    @State
    public static class Busy extends Idle {
        public Busy() {
            complete();
        }
    }

    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "by the thread there is, or by another one")
    public static class NothingIsLeftWaiting {
        @Actor
        public void caller(Busy busy) {
            busy.complete();
        }

        @Actor
        public void executor(Busy busy) {
            busy.work();
        }

        @Arbiter
        public void end(Busy busy, I_Result r) {
            busy.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "one of the two has asked for a thread")
    public static class NothingIsLeftWaitingByTwoAtATime {
        @Actor
        public void caller(Idle idle) {
            idle.complete();
            idle.work(); // As the thread it has asked for.
        }

        @Actor
        public void otherCaller(Idle idle) {
            idle.complete();
        }

        @Arbiter
        public void end(Idle idle, I_Result r) {
            idle.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each once, by one thread or by two")
    public static class NothingIsCompletedTwiceWhenAThreadJoins {
        @Actor
        public void loop(Busy busy) {
            busy.complete();
            busy.completions.onTick(0);
            busy.completions.onTick(Completions.STALL_NS);
            busy.work(); // As the thread that joins.
        }

        @Actor
        public void executor(Busy busy) {
            busy.work();
        }

        @Arbiter
        public void end(Busy busy, I_Result r) {
            busy.end(r);
        }
    }

    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "the end of the turn hands over, unless the thread still runs")
    public static class NothingIsLeftWaitingAtTheEndOfATurn {
        @Actor
        public void loop(Busy busy) {
            busy.loop = Thread.currentThread();
            busy.complete();
            busy.completions.onTick(0);
        }

        @Actor
        public void executor(Busy busy) {
            busy.work();
        }

        @Arbiter
        public void end(Busy busy, I_Result r) {
            busy.end(r);
        }
    }
}
