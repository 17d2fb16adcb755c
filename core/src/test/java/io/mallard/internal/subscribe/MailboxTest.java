package io.mallard.internal.subscribe;

import static io.mallard.PendingPolicy.DROP_NEW;
import static io.mallard.PendingPolicy.DROP_OLD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
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
        Mailbox large = new Mailbox(this::hire, message -> {}, refusals::add, limits(1_000, 1 << 20, DROP_NEW));
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

        assertThat(own.offer(message)).isZero();
        assertThat(own.offer(message("x"))).isEqualTo(1);
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
    void aReaderThatThrowsGetsTheNextMessage() {
        List<Throwable> uncaught = new ArrayList<>();
        Mailbox throwing = mailbox(message -> {
            read.add(text(message));
            throw new IllegalStateException("whoever was told of a failure has failed");
        });
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        try {
            for (String text : List.of("1", "2")) {
                throwing.offer(message(text));
                throwing.handOver();
            }
            runTurns();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }

        assertThat(read).containsExactly("1", "2");
        assertThat(uncaught).hasSize(2);
        assertThat(throwing.isIdle()).isTrue();
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
                limits(1_000, 1 << 20, DROP_NEW));
        for (int i = 0; i < messages; i++) {
            NatsMessage message = message(Integer.toString(i));
            while (shared.offer(message) > 0) {
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

    @Test
    void dropsTheOldestOnesToMakeRoomForTheNew() {
        mailbox.limitTo(limits(4, 100, DROP_OLD));
        for (String text : List.of("1", "2", "3", "4")) {
            assertThat(mailbox.offer(message(text))).isZero();
        }

        assertThat(mailbox.offer(message("5"))).isEqualTo(1);
        assertThat(mailbox.offer(message("x".repeat(98))))
                .as("as many as have its bytes")
                .isEqualTo(2);
        assertThat(mailbox.pending()).isEqualTo(3);
        assertThat(mailbox.pendingBytes()).isEqualTo(100);
        mailbox.handOver();
        runTurns();

        assertThat(read).containsExactly("4", "5", "x".repeat(98));
        assertThat(mailbox.isIdle()).isTrue();
        assertThat(mailbox.pendingBytes()).isZero();
    }

    @Test
    void aMessageLargerThanTheLimitDropsNoOther() {
        mailbox.limitTo(limits(4, 100, DROP_OLD));
        mailbox.offer(message("1"));

        assertThat(mailbox.offer(message("x".repeat(101)))).isEqualTo(1);
        mailbox.handOver();
        runTurns();

        assertThat(read).containsExactly("1");
    }

    @Test
    void whatTheReaderHasBegunWithIsNotDropped() {
        Mailbox[] own = new Mailbox[1];
        List<Integer> dropped = new ArrayList<>();
        own[0] = mailbox(message -> {
            read.add(text(message));
            if (text(message).equals("1")) {
                for (String text : List.of("5", "6", "7")) {
                    dropped.add(own[0].offer(message(text)));
                }
                own[0].handOver();
            }
        });
        own[0].limitTo(limits(4, 100, DROP_OLD));
        for (String text : List.of("1", "2", "3", "4")) {
            own[0].offer(message(text));
        }
        own[0].handOver();

        runTurns();

        assertThat(dropped).containsExactly(0, 1, 1);
        assertThat(read).containsExactly("1", "4", "5", "6", "7");
    }

    @Test
    void aLimitLoweredWhileMuchWaitsHoldsFromTheNextMessageOn() {
        for (String text : List.of("1", "2", "3", "4")) {
            mailbox.offer(message(text));
        }

        mailbox.limitTo(limits(2, 100, DROP_NEW));
        assertThat(mailbox.offer(message("5"))).isEqualTo(1);
        assertThat(mailbox.pending()).as("what waits stays").isEqualTo(4);
        mailbox.limitTo(limits(2, 100, DROP_OLD));
        assertThat(mailbox.offer(message("6"))).isEqualTo(3);
        mailbox.handOver();
        runTurns();

        assertThat(read).containsExactly("4", "6");
    }

    @Test
    void whatWantsAnAnswerIsStillKnownWhenOldMessagesWereDropped() {
        mailbox.limitTo(limits(2, 100, DROP_OLD));
        mailbox.offer(message("1"));
        mailbox.offer(new NatsMessage("a", "reply", new byte[1]));
        mailbox.markAnswers();
        mailbox.offer(message("3"));
        assertThat(mailbox.isAnswering()).as("the first one was dropped").isTrue();
        mailbox.offer(message("4"));
        assertThat(mailbox.isAnswering()).as("and now that one").isFalse();
    }

    @Test
    void manyDroppedMessagesNeedNoMoreThanTheirRoom() {
        Mailbox own = mailbox(message -> read.add(text(message)));
        own.limitTo(limits(40, 1_000, DROP_OLD));
        for (int i = 0; i < 100_000; i++) {
            own.offer(message(Integer.toString(i % 10)));
            own.handOver();
        }
        own.limitTo(limits(40, 1_000, DROP_NEW)); // A batch whose beginning is somewhere in the middle.

        runTurns();

        assertThat(read).hasSize(40).last().isEqualTo("9");
        assertThat(own.isIdle()).isTrue();
    }

    @Test
    void whoeverAsksGetsOneAfterTheOtherAndNothingInTime() throws InterruptedException {
        Mailbox asked = asked();
        asked.offer(message("1"));
        assertThat(asked.take(0)).as("not handed over yet").isNull();
        asked.offer(message("2"));
        asked.handOver();

        assertThat(asked.pending()).isEqualTo(2);
        assertThat(text(asked.take(0))).isEqualTo("1");
        assertThat(text(asked.take(0))).isEqualTo("2");
        assertThat(asked.isIdle()).isTrue();
        assertThat(asked.take(1)).isNull();
        assertThat(asked.isExhausted()).isFalse();
    }

    @Test
    void whatWasGatheredWhenItIsFinishedCanStillBeAskedFor() throws InterruptedException {
        Mailbox asked = asked();
        asked.offer(message("1"));
        asked.finish();

        assertThat(asked.isExhausted()).isFalse();
        assertThat(text(asked.take(TimeUnit.DAYS.toNanos(1)))).isEqualTo("1");
        assertThat(asked.take(TimeUnit.DAYS.toNanos(1))).as("at once").isNull();
        assertThat(asked.isExhausted()).isTrue();
    }

    @Test
    void everyOneOfSeveralWhoAskGetsAMessage() throws InterruptedException {
        int askers = 4;
        Mailbox asked = asked();
        CountDownLatch got = new CountDownLatch(askers);
        ExecutorService pool = Executors.newFixedThreadPool(askers);
        for (int i = 0; i < askers; i++) {
            pool.execute(() -> {
                try {
                    if (asked.take(TimeUnit.SECONDS.toNanos(30)) != null) {
                        got.countDown();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        for (int i = 0; i < askers; i++) {
            asked.offer(message("1"));
        }
        asked.handOver();

        assertThat(got.await(10, TimeUnit.SECONDS)).isTrue();
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatABatchHasLeftWhenItIsClosedCountsAsDropped() {
        Mailbox[] own = new Mailbox[1];
        own[0] = mailbox(message -> {
            read.add(text(message));
            own[0].close();
        });
        for (int i = 1; i <= 3; i++) {
            own[0].offer(message(Integer.toString(i)));
        }
        own[0].handOver();

        runTurns();

        assertThat(read).containsExactly("1");
        assertThat(own[0].isIdle()).isTrue();
        assertThat(own[0].dropped()).isEqualTo(2);
    }

    @Test
    void onDemandNothingIsReadBeforeTheStartAndNoMoreThanDemanded() {
        mailbox.readOnDemand(() -> read.add("end"));
        mailbox.demand(1);
        offer("1");
        offer("2");
        offer("3");
        assertThat(executor).isEmpty();

        mailbox.start();
        runTurns();
        assertThat(read).containsExactly("1");
        assertThat(mailbox.pending()).isEqualTo(2);
        assertThat(runTurns()).as("turns without demand").isZero();

        mailbox.demand(1);
        mailbox.demand(5);
        assertThat(runTurns()).as("turns for two demands").isEqualTo(1);
        assertThat(read).containsExactly("1", "2", "3");
        offer("4");
        runTurns();
        assertThat(read).endsWith("3", "4");
    }

    @Test
    void onDemandAPartOfWhatWaitsIsReadAndTheRestStaysInOrder() {
        Mailbox own = new Mailbox(
                this::hire, message -> read.add(text(message)), refusals::add, limits(1_000, 1 << 20, DROP_NEW));
        own.readOnDemand(() -> {});
        own.start();
        runTurns();
        List<String> offered = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            own.offer(message(Integer.toString(i)));
            offered.add(Integer.toString(i));
        }
        own.handOver();

        for (int demanded = 1, all = 1; all <= 200; all += ++demanded) {
            own.demand(demanded);
            runTurns();
            assertThat(read).isEqualTo(offered.subList(0, all));
        }
        own.demand(Long.MAX_VALUE);
        own.demand(Long.MAX_VALUE);
        runTurns();
        assertThat(read).isEqualTo(offered);
    }

    @Test
    void onDemandTheNewestAreKeptWhereOldOnesAreDropped() {
        mailbox.limitTo(limits(2, 100, DROP_OLD));
        mailbox.readOnDemand(() -> {});
        mailbox.start();
        for (String text : List.of("1", "2", "3", "4")) {
            offer(text);
        }
        mailbox.demand(1);
        runTurns();
        offer("5");
        mailbox.demand(9);
        runTurns();

        assertThat(read).containsExactly("3", "4", "5");
    }

    @Test
    void onDemandTheEndIsToldOnceBehindTheLastMessage() {
        mailbox.readOnDemand(() -> read.add("end"));
        mailbox.start();
        offer("1");
        mailbox.finish();
        runTurns();
        assertThat(read).isEmpty();

        mailbox.demand(1);
        runTurns();
        mailbox.demand(1);
        mailbox.finish();
        mailbox.close();
        runTurns();
        assertThat(read).containsExactly("1", "end");
    }

    @Test
    void onDemandTheEndIsToldWithoutDemandWhenThereIsNothingLeft() {
        mailbox.readOnDemand(() -> read.add("end"));
        mailbox.start();
        runTurns();
        offer("1");
        mailbox.close();
        runTurns();

        assertThat(read).containsExactly("end");
        assertThat(mailbox.dropped()).isEqualTo(1);
    }

    private Mailbox asked() {
        return new Mailbox(null, message -> {}, refusals::add, limits(4, 100, DROP_NEW));
    }

    private Mailbox mailbox(Consumer<NatsMessage> reader) {
        return new Mailbox(this::hire, reader, refusals::add, limits(4, 100, DROP_NEW));
    }

    private static PendingOptions limits(int messages, long bytes, PendingPolicy policy) {
        return new PendingOptions(messages, bytes, policy);
    }

    private void hire(Runnable turn) {
        if (freeThreads == 0) {
            throw new RejectedExecutionException("busy");
        }
        freeThreads--;
        executor.add(turn);
    }

    private boolean offer(String text) {
        boolean accepted = mailbox.offer(message(text)) == 0;
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
