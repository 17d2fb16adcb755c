package io.mallard.it.judge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds lost, duplicated and reordered messages from what was offered and who saw what on which socket.
 *
 * <p>A receiver may hold two sockets at a time while it moves: what either of them sees, the receiver has seen, and a message that
 * both of them see is no duplicate. Memory grows with what is missing or out of order, and not with the number of messages.
 *
 * <p>Threading: any thread; one lock guards everything and is never held during I/O.
 */
public final class DeliveryLedger {
    private static final long LOOK_INTERVAL_MS = 20;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<PublisherRecord> publishers;

    /** How far each publisher had come at some moment. */
    public record Position(List<Integer> nextSequences) {}

    public DeliveryLedger(int publishers, int receivers) {
        this.publishers = Stream.generate(() -> new PublisherRecord(receivers))
                .limit(publishers)
                .toList();
    }

    /** This message is about to be published, and is owed to every receiver unless it is {@link #refused}. */
    public void offered(int publisher, int sequence) {
        lock.lock();
        try {
            publishers.get(publisher).offered.add(sequence);
        } finally {
            lock.unlock();
        }
    }

    /** The client under test said that it has not taken this message. */
    public void refused(int publisher, int sequence) {
        lock.lock();
        try {
            publishers.get(publisher).refused.add(sequence);
        } finally {
            lock.unlock();
        }
    }

    public SocketRecord openSocket(int receiver) {
        return new SocketRecord(receiver);
    }

    public Position position() {
        lock.lock();
        try {
            return new Position(publishers.stream().map(p -> p.offered.length()).toList());
        } finally {
            lock.unlock();
        }
    }

    /** The position before anything was published. */
    public Position origin() {
        return new Position(publishers.stream().map(p -> 0).toList());
    }

    /** Judges the messages between two positions by what has been seen until now. */
    public Findings between(Position from, Position to) {
        lock.lock();
        try {
            Findings findings = Findings.NONE;
            for (int i = 0; i < publishers.size(); i++) {
                int first = from.nextSequences().get(i);
                int end = to.nextSequences().get(i);
                findings = findings.plus(publishers.get(i).findings(first, end));
            }
            return findings;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every receiver has seen everything between two positions, or the time is up: what is missing then is a finding. */
    public void awaitSeen(Position from, Position to, Duration timeout) throws InterruptedException {
        long beganNs = System.nanoTime();
        while (between(from, to).lost() > 0 && System.nanoTime() - beganNs < timeout.toNanos()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL_MS);
        }
    }

    /** What one socket of a receiver saw. */
    public final class SocketRecord {
        private final int receiver;

        // Guarded by lock.
        private final List<NumberRuns> seen;
        private final int[] highest;

        private SocketRecord(int receiver) {
            this.receiver = receiver;
            this.seen = publishers.stream().map(p -> new NumberRuns()).toList();
            this.highest = IntStream.generate(() -> -1).limit(publishers.size()).toArray();
        }

        public void received(int publisher, int sequence) {
            lock.lock();
            try {
                PublisherRecord record = publishers.get(publisher);
                record.seenBy.get(receiver).add(sequence);
                if (!seen.get(publisher).add(sequence)) {
                    record.duplicated.add(sequence);
                } else if (sequence < highest[publisher]) {
                    record.reordered.add(sequence);
                }
                highest[publisher] = Math.max(highest[publisher], sequence);
            } finally {
                lock.unlock();
            }
        }
    }

    private static final class PublisherRecord {
        final NumberRuns offered = new NumberRuns();
        final NumberRuns refused = new NumberRuns();
        final NumberRuns duplicated = new NumberRuns();
        final NumberRuns reordered = new NumberRuns();
        final List<NumberRuns> seenBy = new ArrayList<>();

        PublisherRecord(int receivers) {
            for (int i = 0; i < receivers; i++) {
                seenBy.add(new NumberRuns());
            }
        }

        Findings findings(int first, int end) {
            BitSet accepted = offered.between(first, end);
            accepted.andNot(refused.between(first, end));
            BitSet lost = new BitSet();
            for (NumberRuns seen : seenBy) {
                BitSet missed = (BitSet) accepted.clone();
                missed.andNot(seen.between(first, end));
                lost.or(missed);
            }
            return new Findings(
                    accepted.cardinality(),
                    refused.between(first, end).cardinality(),
                    lost.cardinality(),
                    duplicated.between(first, end).cardinality(),
                    reordered.between(first, end).cardinality());
        }
    }
}
