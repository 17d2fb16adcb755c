package io.mallard.it.settle;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerException;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The publishers at work: each with a thread and with sockets of its own.
 *
 * <p>Threading: used by one thread.
 */
final class Publishers implements AutoCloseable {
    private static final long JOIN_TIMEOUT_MS = 10_000;

    private final List<RawNats> connections = new ArrayList<>();
    private final List<MovingPublisher> publishers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Consumer<String> trouble;

    /** One publisher per plan and ledger, which share the rate. */
    Publishers(
            NatsCluster cluster,
            List<List<CutoverRule>> plans,
            List<DeliveryLedger> ledgers,
            int perSecond,
            Consumer<String> trouble) {
        this.trouble = trouble;
        for (int i = 0; i < plans.size(); i++) {
            List<RawNats> own = cluster.urls().stream().map(this::connect).toList();
            MovingPublisher publisher =
                    new MovingPublisher(i, own, plans.get(i), perSecond / plans.size(), ledgers.get(i));
            publishers.add(publisher);
            threads.add(new Thread(() -> run(publisher), "settle-publisher-" + i));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** Whether all have done what was planned, or failed, within this time. */
    boolean awaitEnd(Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadlineNs - System.nanoTime()));
        }
        return threads.stream().noneMatch(Thread::isAlive);
    }

    /** What the publisher of this number has done so far. */
    List<Cutover> cutovers(int publisher) {
        return publishers.get(publisher).cutovers();
    }

    int cutovers() {
        return publishers.stream()
                .mapToInt(publisher -> publisher.cutovers().size())
                .sum();
    }

    /** Ends them wherever they are: on a closed socket they fail. */
    @Override
    public void close() {
        connections.forEach(RawNats::close);
        try {
            for (Thread thread : threads) {
                thread.join(JOIN_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RawNats connect(String url) {
        RawNats connection = RawNats.connect(url, message -> trouble.accept("a publisher received a message"));
        connections.add(connection);
        return connection;
    }

    private void run(MovingPublisher publisher) {
        try {
            publisher.run();
        } catch (NatsServerException e) {
            trouble.accept("a publisher failed: " + e.getMessage());
        }
    }
}
