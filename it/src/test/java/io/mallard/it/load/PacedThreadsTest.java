package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PacedThreadsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @Test
    void leavesNothingOutBehindAStuckEvent() throws InterruptedException {
        Queue<Integer> happened = new ConcurrentLinkedQueue<>();
        CountDownLatch unstick = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(30);
        Schedule schedule = new Schedule(System.nanoTime(), 1000);
        try (PacedThreads threads = new PacedThreads("paced", 2, schedule, (thread, number, intendedNs) -> {
            if (number == 4) {
                await(unstick);
            }
            happened.add(number);
            enough.countDown();
        })) {
            threads.start();
            await(enough);
            threads.stop(System.nanoTime());
            unstick.countDown();

            assertThat(threads.awaitEnd(TIMEOUT)).isTrue();
        }

        int due = (int) schedule.dueBy(System.nanoTime());
        assertThat(happened).hasSizeBetween(30, due).doesNotHaveDuplicates();
        assertThat(happened)
                .containsAll(IntStream.range(0, happened.size()).boxed().toList());
    }

    @Test
    void doesNothingBeforeItsTime() throws InterruptedException {
        Queue<Long> earlyNs = new ConcurrentLinkedQueue<>();
        CountDownLatch enough = new CountDownLatch(20);
        try (PacedThreads threads =
                new PacedThreads("paced", 2, new Schedule(System.nanoTime(), 500), (thread, number, intendedNs) -> {
                    long nowNs = System.nanoTime();
                    if (nowNs - intendedNs < 0) {
                        earlyNs.add(intendedNs - nowNs);
                    }
                    enough.countDown();
                })) {
            threads.start();
            await(enough);
            threads.stop(System.nanoTime());
            assertThat(threads.awaitEnd(TIMEOUT)).isTrue();
        }

        assertThat(earlyNs).isEmpty();
    }

    @Test
    void saysSoWhenAnEventDoesNotEnd() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        try (PacedThreads threads = new PacedThreads(
                "paced", 1, new Schedule(System.nanoTime(), 1000), (thread, number, intendedNs) -> await(never))) {
            threads.start();
            threads.stop(System.nanoTime());

            assertThat(threads.awaitEnd(Duration.ofMillis(50))).isFalse();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
