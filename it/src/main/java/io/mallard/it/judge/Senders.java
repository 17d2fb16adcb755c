package io.mallard.it.judge;

import io.mallard.it.judge.DeliveryLedger.SocketRecord;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The other direction: numbered messages to the client under test, on a raw socket on every node in turn, and what the client's
 * handler saw of them. Every node has a numbering of its own. The sender of a node that is about to go falls silent in good time, and
 * the others send its share until it is back.
 *
 * <p>Threading: {@link #send} by one thread, {@link #onMessage} by those of the client, everything else by the one that controls the
 * run. The lock keeps a sender from leaving in the middle of a message.
 */
public final class Senders implements AutoCloseable {
    /** What the client has to subscribe to. */
    public static final String SUBJECTS = "receive.>";

    private static final String SUBJECT_PREFIX = "receive.";
    private static final String PROBE_SUBJECT = "receive.probe";
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(10);
    private static final long PROBE_INTERVAL_MS = 20;

    /** The client is one receiver, and its handler one socket: it sees no connections. */
    private static final int CLIENT = 0;

    private final NatsCluster cluster;
    private final DeliveryLedger ledger;
    private final SocketRecord seen;
    private final LongConsumer delayNs;
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<Integer> probes = new LinkedBlockingQueue<>();

    // Owned by the controlling thread.
    private int lastProbe;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<Sender> seated = new ArrayList<>();
    private final int[] nextSequences;
    private int turn;

    /**
     * @param ledger of as many publishers as there are nodes and one receiver
     * @param delayNs hears of the time from sending to the client's handler
     */
    public Senders(NatsCluster cluster, DeliveryLedger ledger, LongConsumer delayNs) {
        this.cluster = cluster;
        this.ledger = ledger;
        this.seen = ledger.openSocket(CLIENT);
        this.delayNs = delayNs;
        this.nextSequences = new int[cluster.size()];
    }

    /** Returns when the client, which has subscribed, hears a sender on every node. */
    public void takeSeats() throws InterruptedException {
        for (int node = 0; node < cluster.size(); node++) {
            comeHome(node);
        }
    }

    /** The next message, from the next node; false if no node is left to send from. */
    public boolean send() {
        lock.lock();
        try {
            if (seated.isEmpty()) {
                return false;
            }
            turn = (turn + 1) % seated.size();
            send(seated.get(turn));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** What the client's handler is given. */
    public void onMessage(String subject, byte[] payload) {
        try {
            if (subject.equals(PROBE_SUBJECT)) {
                probes.add(ByteBuffer.wrap(payload).getInt());
                return;
            }
            NumberedMessage message = NumberedMessage.from(payload);
            seen.received(message.publisher(), message.sequence());
            delayNs.accept(System.nanoTime() - message.sentNs());
        } catch (RuntimeException e) {
            troubles.add("the client was given a message nobody sent, on " + subject + ": " + e);
        }
    }

    /** Nothing is sent from this node any more, and the server has processed what was. */
    public void leave(int node) {
        Sender leaving = stand(node);
        if (leaving != null) {
            leaving.leave();
        }
    }

    /** Sends from this node again, as soon as what is published there reaches the client. */
    public void comeHome(int node) throws InterruptedException {
        Sender sender = new Sender(node, cluster.server(node).url(), troubles::add);
        try {
            awaitHeard(sender);
        } catch (InconclusiveException | NatsServerException e) {
            sender.abandon();
            throw e;
        }
        lock.lock();
        try {
            seated.add(sender);
        } finally {
            lock.unlock();
        }
    }

    /** What made this an unreliable source; a run with any of these proves nothing. */
    public List<String> troubles() {
        return List.copyOf(troubles);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            seated.forEach(Sender::abandon);
            seated.clear();
        } finally {
            lock.unlock();
        }
    }

    private void send(Sender sender) {
        int node = sender.node();
        NumberedMessage message = new NumberedMessage(node, nextSequences[node]++, System.nanoTime());
        ledger.offered(node, message.sequence());
        try {
            sender.send(SUBJECT_PREFIX + node, message.toBytes());
        } catch (NatsServerException e) {
            // It would fail with every other message too.
            seated.remove(sender);
            sender.abandon();
            troubles.add(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Sender stand(int node) {
        lock.lock();
        try {
            for (Sender sender : seated) {
                if (sender.node() == node) {
                    seated.remove(sender);
                    return sender;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** A server that has just started need not know yet who wants what; until it does, nothing it loses is the client's fault. */
    private void awaitHeard(Sender sender) throws InterruptedException {
        int probe = ++lastProbe;
        byte[] payload = ByteBuffer.allocate(Integer.BYTES).putInt(probe).array();
        long deadlineNs = System.nanoTime() + PROBE_TIMEOUT.toNanos();
        Integer heard;
        do {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new InconclusiveException("the client hears nothing from "
                        + cluster.server(sender.node()).name() + " after " + PROBE_TIMEOUT.toSeconds() + " s");
            }
            sender.send(PROBE_SUBJECT, payload);
            heard = probes.poll(PROBE_INTERVAL_MS, TimeUnit.MILLISECONDS);
        } while (heard == null || heard != probe);
    }
}
