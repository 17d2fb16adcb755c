package io.mallard.internal.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CompletionsTest {
    private static final long NOW_NS = Long.MAX_VALUE - 1_000;

    private final Queue<Runnable> executor = new ArrayDeque<>();
    private boolean inLoop;
    private final List<String> completed = new ArrayList<>();
    private final Queue<Runnable> lastResort = new ArrayDeque<>();
    private int wakeUps;
    private final Completions completions = new Completions(this::hire, lastResort::add, () -> inLoop, () -> wakeUps++);
    private boolean busy;

    @Test
    void aBurstTakesOneThreadAndKeepsItsOrder() {
        for (String name : List.of("1", "2", "3")) {
            completions.execute(() -> completed.add(name));
        }
        assertThat(executor).hasSize(1);
        runOne();
        assertThat(completed).containsExactly("1", "2", "3");

        completions.execute(() -> completed.add("4"));
        runOne();
        assertThat(completed).containsExactly("1", "2", "3", "4");
        assertThat(completions.onTick(NOW_NS)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatATurnOfTheLoopBringsIsHandedOverAtItsEnd() {
        inLoop = true;
        completions.execute(() -> completed.add("1"));
        completions.execute(() -> completed.add("2"));
        assertThat(executor).isEmpty();

        completions.onTick(NOW_NS);
        completions.onTick(NOW_NS);
        assertThat(executor).hasSize(1);
        runOne();
        assertThat(completed).containsExactly("1", "2");
    }

    @Test
    void aLongTurnOfTheLoopHandsOverBeforeItsEnd() {
        inLoop = true;
        for (int i = 1; i < Completions.MAX_PER_HAND_OVER; i++) {
            completions.execute(() -> completed.add("early"));
        }
        assertThat(executor).isEmpty();

        completions.execute(() -> completed.add("one more"));
        assertThat(executor).hasSize(1);
        runOne();
        assertThat(completed).hasSize(Completions.MAX_PER_HAND_OVER).endsWith("one more");
    }

    @Test
    void whatAnotherThreadFailsDoesNotWaitForTheLoop() {
        completions.execute(() -> completed.add("1"));

        assertThat(executor).hasSize(1);
    }

    @Test
    void aDependentMayWaitForAResultBehindIt() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Completions shared = new Completions(threads, threads, () -> false, () -> {});
            CompletableFuture<String> behind = new CompletableFuture<>();
            CompletableFuture<String> waiting = new CompletableFuture<>();
            CountDownLatch blocked = new CountDownLatch(1);
            shared.onTick(NOW_NS);
            shared.execute(() -> {
                blocked.countDown();
                waiting.complete(behind.join());
            });
            assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
            shared.execute(() -> behind.complete("done"));

            assertThat(shared.onTick(NOW_NS)).as("it was taken since").isEqualTo(Completions.STALL_NS);
            assertThat(shared.onTick(NOW_NS + Completions.STALL_NS - 1)).isEqualTo(1);
            assertThat(behind).isNotDone();
            shared.onTick(NOW_NS + Completions.STALL_NS);

            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("done");
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void asksForOneThreadAtATime() {
        completions.execute(() -> completed.add("1"));
        for (int stalls = 0; stalls < 10; stalls++) {
            completions.onTick(NOW_NS + stalls * Completions.STALL_NS);
        }

        assertThat(executor).as("one that has not begun will do").hasSize(1);
    }

    @Test
    void anExecutorThatHadNoThreadIsAskedAgain() {
        busy = true;
        assertThatThrownBy(() -> completions.execute(() -> completed.add("1")))
                .isInstanceOf(RejectedExecutionException.class);
        busy = false;
        completions.onTick(NOW_NS);
        completions.onTick(NOW_NS + Completions.STALL_NS);
        runOne();

        assertThat(completed).containsExactly("1");
    }

    @Test
    void anExecutorThatForgetsWhatItHasAcceptedIsNotReliedOn() {
        completions.execute(() -> completed.add("1"));
        executor.clear(); // As shutdownNow does, or a policy that discards.
        long askedNs = System.nanoTime();

        completions.onTick(askedNs);
        completions.onTick(askedNs + Completions.LOST_NS / 2);
        assertThat(lastResort).isEmpty();
        completions.onTick(askedNs + 2 * Completions.LOST_NS);
        assertThat(lastResort).hasSize(1);
        lastResort.remove().run();

        assertThat(completed).containsExactly("1");
        completions.execute(() -> completed.add("2"));
        runOne();
        assertThat(completed).containsExactly("1", "2");
    }

    @Test
    void theLoopIsWokenForAResultBehindOneThatMayBlock() {
        completions.execute(() -> completions.execute(() -> completed.add("behind")));
        assertThat(wakeUps).isZero();
        runOne();

        assertThat(wakeUps).isOne();
        assertThat(completed).containsExactly("behind");
    }

    @Test
    void aCompletionThatFailsDoesNotEndTheOthers() {
        completions.execute(() -> {
            throw new IllegalStateException("a defect");
        });
        completions.execute(() -> completed.add("2"));
        assertThatThrownBy(this::runOne).hasMessage("a defect");

        completions.execute(() -> completed.add("3"));
        runOne();
        assertThat(completed).containsExactly("2", "3");
    }

    @Test
    void losesNothingBetweenThreadsThatComeAndGo() throws Exception {
        int count = 200_000;
        AtomicInteger done = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(count);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Completions shared = new Completions(threads, threads, () -> false, () -> {});
        for (int i = 0; i < count; i++) {
            shared.execute(() -> {
                done.incrementAndGet();
                all.countDown();
            });
        }

        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(done).hasValue(count);
    }

    private void hire(Runnable turn) {
        if (busy) {
            throw new RejectedExecutionException("busy");
        }
        executor.add(turn);
    }

    private void runOne() {
        executor.remove().run();
    }
}
