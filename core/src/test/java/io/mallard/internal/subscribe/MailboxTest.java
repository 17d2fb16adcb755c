package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final List<String> read = new ArrayList<>();
    private final List<Throwable> refusals = new ArrayList<>();
    private int freeThreads = Integer.MAX_VALUE;
    private final Mailbox mailbox = mailbox(message -> read.add(text(message)));

    @Test
    void readsInTheOrderOfArrivalInOneTurn() {
        assertThat(offer("1")).isTrue();
        assertThat(offer("2")).isTrue();
        assertThat(offer("3")).isTrue();
        assertThat(mailbox.pending()).isEqualTo(3);
        assertThat(read).isEmpty();

        assertThat(runTurns()).isEqualTo(1);

        assertThat(read).containsExactly("1", "2", "3");
        assertThat(mailbox.pending()).isZero();
    }

    @Test
    void aTurnOfTheLoopWakesTheReaderOnceAtItsEnd() {
        mailbox.offer(message("1"));
        mailbox.offer(message("2"));
        assertThat(executor).isEmpty();
        assertThat(mailbox.pending()).isEqualTo(2);
        assertThat(mailbox.isIdle()).isFalse();

        mailbox.handOver();
        mailbox.handOver();
        assertThat(runTurns()).isEqualTo(1);
        assertThat(read).containsExactly("1", "2");
        assertThat(mailbox.isIdle()).isTrue();
    }

    @Test
    void aLongTurnDoesNotWaitForItsEnd() {
        Mailbox large = new Mailbox(this::hire, message -> {}, refusals::add, 1_000, 1 << 20);
        for (int i = 1; i < Mailbox.MAX_PER_HAND_OVER; i++) {
            large.offer(message("1"));
            assertThat(large.isUrgent()).isFalse();
        }
        large.offer(message("1"));
        assertThat(large.isUrgent()).isTrue();
        large.handOver();
        large.offer(message("1"));
        assertThat(large.isUrgent()).isFalse();
    }

    @Test
    void aReaderThatMayNotFallBehindIsNotKeptWaiting() {
        mailbox.offer(message("1"));
        mailbox.offer(message("2"));
        assertThat(mailbox.isUrgent()).isFalse();
        mailbox.offer(message("3"));
        assertThat(mailbox.isUrgent()).as("more than half of its messages").isTrue();

        Mailbox other = mailbox(message -> {});
        other.offer(message("x".repeat(51)));
        assertThat(other.isUrgent()).as("more than half of its bytes").isTrue();
    }

    @Test
    void closingDropsWhatWasNotHandedOver() {
        mailbox.offer(message("1"));
        mailbox.close();
        mailbox.handOver();

        assertThat(executor).isEmpty();
        assertThat(mailbox.pending()).isZero();
        assertThat(mailbox.isIdle()).isTrue();
    }

    @Test
    void isScheduledAgainForWhatComesAfterATurn() {
        offer("1");
        runTurns();
        offer("2");

        assertThat(runTurns()).isEqualTo(1);
        assertThat(read).containsExactly("1", "2");
    }

    @Test
    void refusesWhatIsMoreThanItsNumberOfMessages() {
        for (String text : List.of("1", "2", "3", "4")) {
            assertThat(offer(text)).isTrue();
        }

        assertThat(offer("5")).isFalse();
        runTurns();
        assertThat(offer("6")).isTrue();
        runTurns();
        assertThat(read).containsExactly("1", "2", "3", "4", "6");
    }

    @Test
    void refusesWhatIsMoreThanItsBytes() {
        assertThat(offer("x".repeat(60))).isTrue();
        assertThat(offer("x".repeat(41))).isFalse();
        assertThat(offer("x".repeat(40))).isTrue();
        assertThat(offer("x")).isFalse();
        assertThat(offer("")).isTrue();

        runTurns();
        assertThat(read).hasSize(3);
        assertThat(offer("x".repeat(100))).isTrue();
    }

    @Test
    void headersCountToItsBytesUntilTheyAreHandled() {
        List<String> values = new ArrayList<>();
        Mailbox own = mailbox(message -> values.add(message.headers().first("a")));
        byte[] block = "NATS/1.0\r\na: 1\r\n\r\n".getBytes(US_ASCII);
        NatsMessage message = new NatsMessage("a", null, block, new byte[100 - block.length], (subject, payload) -> {});

        assertThat(own.offer(message)).isTrue();
        assertThat(own.offer(message("x"))).isFalse();
        own.handOver();
        runTurns();

        assertThat(values).containsExactly("1");
        assertThat(own.isHalfEmpty()).isTrue();
    }

    @Test
    void whatIsBeingReadCountsUntilItsTurnComes() {
        List<Integer> pendingWhileReading = new ArrayList<>();
        Mailbox[] own = new Mailbox[1];
        own[0] = mailbox(message -> pendingWhileReading.add(own[0].pending()));
        own[0].offer(message("1"));
        own[0].handOver();
        own[0].offer(message("2"));
        own[0].handOver();
        own[0].offer(message("3"));
        own[0].handOver();

        runTurns();

        assertThat(pendingWhileReading).containsExactly(2, 1, 0);
    }

    @Test
    void isHalfEmptyByCountAndByBytes() {
        offer("x".repeat(51));
        assertThat(mailbox.isHalfEmpty()).isFalse();
        runTurns();
        offer("");
        offer("x".repeat(50));
        assertThat(mailbox.isHalfEmpty()).isTrue();
        offer("");
        assertThat(mailbox.isHalfEmpty()).isFalse();
    }

    @Test
    void closingDropsWhatWasNotRead() {
        offer("1");
        mailbox.close();

        assertThat(mailbox.pending()).isZero();
        assertThat(offer("2")).as("nobody misses it").isTrue();
        runTurns();
        assertThat(read).isEmpty();
    }

    @Test
    void closingInTheMiddleOfABatchDropsTheRestOfIt() {
        Mailbox[] own = new Mailbox[1];
        own[0] = mailbox(message -> {
            read.add(text(message));
            own[0].close();
        });
        own[0].offer(message("1"));
        own[0].handOver();
        own[0].offer(message("2"));
        own[0].handOver();

        runTurns();

        assertThat(read).containsExactly("1");
        assertThat(own[0].pending()).isZero();
    }

    @Test
    void anExecutorWithoutAThreadIsAskedAgainAndToldOfOnce() {
        freeThreads = 0;
        assertThat(offer("1")).isTrue();
        assertThat(offer("2")).isTrue();
        assertThat(mailbox.retry()).isFalse();
        assertThat(refusals).as("one for an offer, the others wait").hasSize(1);
        assertThat(mailbox.pending()).isEqualTo(2);

        freeThreads = 1;
        assertThat(mailbox.retry()).isTrue();
        runTurns();
        assertThat(read).containsExactly("1", "2");

        freeThreads = 1;
        offer("3");
        runTurns();
        assertThat(read).as("as ever").containsExactly("1", "2", "3");
    }

    @Test
    void keepsItsThreadWhenTheExecutorHasNoOther() {
        AtomicInteger left = new AtomicInteger(100);
        Mailbox[] busy = new Mailbox[1];
        busy[0] = mailbox(message -> {
            if (left.decrementAndGet() > 0) {
                busy[0].offer(message("again"));
                busy[0].handOver();
            }
        });
        freeThreads = 1;
        busy[0].offer(message("first"));
        busy[0].handOver();

        assertThat(runTurns()).isEqualTo(1);

        assertThat(left).hasValue(0);
        assertThat(refusals).isEmpty();
    }

    @Test
    void anInterruptIsTheThreadsAndNotTheNextMessages() {
        List<Boolean> interrupted = new ArrayList<>();
        Mailbox own = mailbox(message -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
        });
        own.offer(message("1"));
        own.handOver();
        own.offer(message("2"));
        own.handOver();

        runTurns();

        assertThat(Thread.interrupted()).as("for whoever owns the thread").isTrue();
        assertThat(interrupted).containsExactly(false, false);
    }

    @Test
    void aBusyMailboxLetsOthersHaveTheThread() {
        Mailbox[] busy = new Mailbox[1];
        AtomicInteger left = new AtomicInteger(100);
        busy[0] = mailbox(message -> {
            read.add("busy");
            if (left.decrementAndGet() > 0) {
                busy[0].offer(message("again"));
                busy[0].handOver();
            }
        });
        busy[0].offer(message("first"));
        busy[0].handOver();
        offer("other");

        assertThat(runTurns()).isGreaterThan(2);

        assertThat(read).hasSize(101);
        assertThat(read.indexOf("other")).isLessThan(50);
    }

    @Test
    void isReadByOneThreadAtATimeAndInOrderOnAnyExecutor() throws Exception {
        int messages = 200_000;
        ExecutorService pool = Executors.newFixedThreadPool(4);
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        List<String> wrong = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(messages);
        Mailbox shared = new Mailbox(
                pool,
                message -> {
                    if (readers.incrementAndGet() != 1 || !text(message).equals(Integer.toString(next.get()))) {
                        wrong.add(text(message));
                    }
                    next.incrementAndGet();
                    readers.decrementAndGet();
                    done.countDown();
                },
                refusals::add,
                1_000,
                1 << 20);
        for (int i = 0; i < messages; i++) {
            NatsMessage message = message(Integer.toString(i));
            while (!shared.offer(message)) {
                Thread.onSpinWait();
            }
            if (shared.isUrgent() || i % 3 == 0) {
                shared.handOver();
            }
        }

        shared.handOver();

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).isEmpty();
        assertThat(shared.pending()).isZero();
    }

    private Mailbox mailbox(Consumer<NatsMessage> reader) {
        return new Mailbox(this::hire, reader, refusals::add, 4, 100);
    }

    private void hire(Runnable turn) {
        if (freeThreads == 0) {
            throw new RejectedExecutionException("busy");
        }
        freeThreads--;
        executor.add(turn);
    }

    private boolean offer(String text) {
        boolean accepted = mailbox.offer(message(text));
        mailbox.handOver();
        return accepted;
    }

    private int runTurns() {
        int turns = 0;
        Runnable turn;
        while ((turn = executor.poll()) != null) {
            turn.run();
            turns++;
        }
        return turns;
    }

    private static NatsMessage message(String text) {
        return new NatsMessage("a", null, text.getBytes(US_ASCII));
    }

    private static String text(NatsMessage message) {
        return new String(message.payload(), US_ASCII);
    }
}
