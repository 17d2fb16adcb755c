package io.mallard.it.settle;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.NumberedMessage;
import io.mallard.it.load.Schedule;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes numbered messages at a steady rate, and moves from server to server again and again. It does what a client does that keeps
 * its publishes in order: the last message on one server is followed by a PING; what becomes due until the PONG, and for a while
 * longer, is held; then it leaves on the next server all at once.
 *
 * <p>Threading: runs on one thread; the cutovers can be read from any.
 */
final class MovingPublisher implements Runnable {
    static final String SUBJECT_PREFIX = "settle.";

    /** Long enough that a message which is late from one server is late before the next cutover. */
    static final Duration STAY = Duration.ofMillis(50);

    /** It has a ledger to itself. */
    static final int PUBLISHER = 0;

    private final int number;
    private final List<RawNats> connections;
    private final List<CutoverRule> plan;
    private final int perSecond;
    private final DeliveryLedger ledger;
    private final Queue<Cutover> cutovers = new ConcurrentLinkedQueue<>();

    // Owned by the publishing thread.
    private int current;
    private int nextSequence;

    /** @param connections to every server, of nobody else's */
    MovingPublisher(
            int number, List<RawNats> connections, List<CutoverRule> plan, int perSecond, DeliveryLedger ledger) {
        this.number = number;
        this.connections = connections;
        this.plan = plan;
        this.perSecond = perSecond;
        this.ledger = ledger;
        this.current = number % connections.size();
    }

    /** Moves as planned, and returns when every server has processed everything. */
    @Override
    public void run() {
        Schedule schedule = new Schedule(System.nanoTime(), perSecond);
        int firstSequence = 0;
        for (CutoverRule rule : plan) {
            stay(schedule);
            Cutover cutover = cutOver(rule, firstSequence, schedule);
            cutovers.add(cutover);
            firstSequence = cutover.endSequence();
        }
        // The last ones too get the chance to be overtaken.
        stay(schedule);
        connections.forEach(RawNats::ping);
    }

    List<Cutover> cutovers() {
        return List.copyOf(cutovers);
    }

    private void stay(Schedule schedule) {
        long endNs = System.nanoTime() + STAY.toNanos();
        for (long nowNs = System.nanoTime(); nowNs - endNs < 0; nowNs = System.nanoTime()) {
            publishDue(schedule, nowNs);
            connections.get(current).flush();
            LockSupport.parkNanos(Math.min(schedule.intendedNs(nextSequence), endNs) - nowNs);
        }
    }

    private Cutover cutOver(CutoverRule rule, int firstSequence, Schedule schedule) {
        RawNats left = connections.get(current);
        // One more on either side, due or not: nothing but the wait is to lie between the two.
        publish();
        left.flush();
        long leftNs = System.nanoTime();
        if (rule.awaitsPong()) {
            left.ping();
            sleep(TimeUnit.MILLISECONDS.toNanos(rule.settleMs()));
        }
        int endSequence = nextSequence;
        current = (current + 1) % connections.size();
        long nowNs = System.nanoTime();
        publish();
        publishDue(schedule, nowNs);
        connections.get(current).flush();
        return new Cutover(rule, firstSequence, endSequence, nowNs - leftNs);
    }

    private void publishDue(Schedule schedule, long nowNs) {
        for (long due = schedule.dueBy(nowNs); nextSequence < due; ) {
            publish();
        }
    }

    private void publish() {
        NumberedMessage message = new NumberedMessage(number, nextSequence++, System.nanoTime());
        ledger.offered(PUBLISHER, message.sequence());
        connections.get(current).publish(SUBJECT_PREFIX + number, message.toBytes());
    }

    private static void sleep(long durationNs) {
        long endNs = System.nanoTime() + durationNs;
        for (long leftNs = durationNs; leftNs > 0; leftNs = endNs - System.nanoTime()) {
            LockSupport.parkNanos(leftNs);
        }
    }
}
