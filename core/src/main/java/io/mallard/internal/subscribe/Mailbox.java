package io.mallard.internal.subscribe;

import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import io.mallard.internal.request.Uncaught;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one subscription on their way from the event loop to its handler, or to whoever asks for them: in
 * order, one at a time, bounded; if need be no more of them than are demanded.
 *
 * <pre>
 *   loop --offer--&gt; gathered --handOver--&gt; arrived --takeBatch--&gt; reading --&gt; handler
 *                                                  \--take--------------------&gt; whoever asks
 * </pre>
 *
 * <p>What a turn of the loop brings is handed over at its end, or when it is {@link #MAX_PER_HAND_OVER} messages, and the
 * reader takes everything there is: so the two meet, and a thread is woken, once per batch and not once per message. Where
 * old messages may have to be dropped, the reader takes one at a time, and leaves the others where they can be.
 *
 * <p>Threading: {@link #offer}, {@link #handOver} and {@link #finish} on the event loop; the reader runs on the executor,
 * never twice at a time; the rest from any thread, unless it says otherwise.
 */
final class Mailbox implements Runnable {
    /** The first message of a turn waits no longer than these many take: some 30 µs, half of what it takes to wake a thread. */
    static final int MAX_PER_HAND_OVER = 128;

    /** Places for messages that are kept although nothing waits. */
    private static final int RETAINED = 32 << 10;

    private static final int INITIAL_CAPACITY = 16;
    /** After that many batches in a row the thread goes to whoever else waits for the executor. */
    private static final int BATCHES_PER_TURN = 16;
    /** What the reader takes when nothing will come any more. */
    private static final int END = -1;

    /** Null when messages wait until they are asked for. */
    private final @Nullable Executor executor;

    private final Consumer<NatsMessage> reader;
    private final Consumer<Throwable> onRefused;

    // Written by any thread, read by the event loop: a message sooner or later.
    private volatile PendingOptions limits;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    // Guarded by lock.
    private @Nullable NatsMessage[] arrived = new NatsMessage[INITIAL_CAPACITY];
    private int head;
    private int size;
    // Latch: once true, always true. Nothing is offered any more.
    private boolean finished;
    /** The executor has the reader, or is to be asked again for it; or the reader was told of the end. */
    private boolean scheduled;
    /** How many messages the reader may take; {@link Long#MAX_VALUE} for all that come. */
    private long demand = Long.MAX_VALUE;
    /** What the reader does last; null for nothing. */
    private @Nullable Runnable onEnd;

    // Latch: once true, always true. Written under lock, read by the reader after it has written begun.
    private volatile boolean closed;

    // Owned by the event loop.
    private @Nullable NatsMessage[] gathered = new NatsMessage[INITIAL_CAPACITY];
    private int gatheredCount;
    /** The number of the last message that wants an answer. */
    private long lastToAnswer;
    /** What {@link #lastToAnswer} was at the mark. */
    private long answersMarked;
    // Written with release by the event loop, read by anybody.
    /** Messages ever accepted, and not dropped afterwards. */
    private final AtomicLong accepted = new AtomicLong();
    /** Their bytes. */
    private final AtomicLong acceptedBytes = new AtomicLong();

    // Written by the reader, or under lock by who asks for a message, read by anybody. Whoever closes reads begun after
    // that: one of the two sees the other.
    /** Messages that the reader has begun with. */
    private volatile long begun;
    /** Their bytes. Written with release: seen late, they refuse a message that there has just been room for. */
    private final AtomicLong begunBytes = new AtomicLong();
    /** Messages that the reader has returned from. Seen late, they are waited for a little longer. */
    private final AtomicLong handled = new AtomicLong();

    // Owned by the reader.
    private @Nullable NatsMessage[] reading = new NatsMessage[INITIAL_CAPACITY];
    private int firstToRead;

    /**
     * @param executor where the reader runs; null if there is none, and {@link #take} is all there is
     * @param onRefused told, by {@link #handOver}, that the executor has no thread for the reader: from then on messages
     *     wait for {@link #retry}
     */
    Mailbox(
            @Nullable Executor executor,
            Consumer<NatsMessage> reader,
            Consumer<Throwable> onRefused,
            PendingOptions limits) {
        this.executor = executor;
        this.reader = reader;
        this.onRefused = onRefused;
        this.limits = limits;
    }

    /**
     * Before anything else: the reader takes what is demanded and no more, begins at {@link #start}, and is told when it
     * has read the last message, or nothing is read any more.
     */
    void readOnDemand(Runnable toEnd) {
        lock.lock();
        try {
            demand = 0;
            scheduled = true;
            onEnd = toEnd;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the reader begin that reads on demand. */
    void start() {
        execute();
    }

    /** The reader may take so many more. */
    void demand(long messages) {
        boolean idle;
        lock.lock();
        try {
            demand = messages < Long.MAX_VALUE - demand ? demand + messages : Long.MAX_VALUE;
            idle = schedule();
        } finally {
            lock.unlock();
        }
        if (idle) {
            execute();
        }
    }

    /** Whether the reader has something to do and nobody knows: whoever is told so must {@link #execute} it. */
    private boolean schedule() {
        assert lock.isHeldByCurrentThread();
        boolean idle = !scheduled && ((size > 0 && demand > 0) || isAtEnd());
        scheduled |= idle;
        return idle;
    }

    private boolean isAtEnd() {
        return onEnd != null && (closed || (finished && size == 0));
    }

    private void execute() {
        if (executor != null) {
            try {
                executor.execute(this);
            } catch (RuntimeException | Error e) {
                onRefused.accept(e);
            }
        }
    }

    /**
     * Takes a message, which {@link #handOver} must follow.
     *
     * @return how many were dropped, because the reader is so far behind: this one, or others
     */
    int offer(NatsMessage message) {
        if (closed) {
            return 0; // Nobody wants it, and nobody misses it.
        }
        int bytes = message.sizeBytes();
        if (!hasRoom(bytes)) {
            return offerToFull(message, bytes);
        }
        gather(message, bytes);
        return 0;
    }

    private boolean hasRoom(int bytes) {
        PendingOptions now = limits;
        return accepted.getPlain() - begun < now.maxMessages()
                && acceptedBytes.getPlain() - begunBytes.get() + bytes <= now.maxBytes();
    }

    private void gather(NatsMessage message, int bytes) {
        if (gatheredCount == gathered.length) {
            gathered = Arrays.copyOf(gathered, 2 * gatheredCount);
        }
        gathered[gatheredCount++] = message;
        long number = accepted.getPlain() + 1;
        accepted.setRelease(number);
        acceptedBytes.setRelease(acceptedBytes.getPlain() + bytes);
        if (message.reply() != null) {
            lastToAnswer = number;
        }
    }

    private int offerToFull(NatsMessage message, int bytes) {
        PendingOptions now = limits;
        int dropped = now.policy() == PendingPolicy.DROP_OLD && bytes <= now.maxBytes() ? dropOld(bytes) : 0;
        if (!hasRoom(bytes)) {
            return dropped + 1;
        }
        gather(message, bytes);
        return dropped;
    }

    /** Drops what has waited longest and is in no reader's hands, until there is room. */
    private int dropOld(int bytes) {
        handOver(); // What was gathered is younger than what has arrived.
        int dropped = 0;
        lock.lock();
        try {
            while (size > 0 && !hasRoom(bytes)) {
                // As if it had never come: those behind it move up.
                long number = accepted.getPlain() - size + 1;
                lastToAnswer -= lastToAnswer >= number ? 1 : 0;
                answersMarked -= answersMarked >= number ? 1 : 0;
                accepted.setRelease(accepted.getPlain() - 1);
                acceptedBytes.setRelease(
                        acceptedBytes.getPlain() - removeFirst().sizeBytes());
                dropped++;
            }
        } finally {
            lock.unlock();
        }
        return dropped;
    }

    private NatsMessage removeFirst() {
        assert lock.isHeldByCurrentThread();
        NatsMessage first = Objects.requireNonNull(arrived[head]);
        arrived[head++] = null;
        size--;
        return first;
    }

    /** Whether what was offered must not wait for the end of the turn. */
    boolean isUrgent() {
        return gatheredCount >= MAX_PER_HAND_OVER || !isHalfEmpty();
    }

    /** Hands what was offered to the reader. */
    void handOver() {
        if (gatheredCount > 0 && moveGathered()) {
            execute();
        }
    }

    /** Returns whether the reader must be scheduled. */
    private boolean moveGathered() {
        int count = gatheredCount;
        gatheredCount = 0;
        lock.lock();
        try {
            if (!closed) {
                makeRoomInArray(count);
                System.arraycopy(gathered, 0, arrived, head + size, count);
                size += count;
                arrival.signal();
            }
            return schedule();
        } finally {
            lock.unlock();
            Arrays.fill(gathered, 0, count, null);
        }
    }

    private void makeRoomInArray(int count) {
        int needed = size + count;
        if (head + needed <= arrived.length) {
            return;
        }
        // Half empty at least, so that it is not moved to and fro for every message.
        boolean larger = 2 * needed > arrived.length;
        @Nullable NatsMessage[] target = larger ? new NatsMessage[Math.max(needed, 2 * arrived.length)] : arrived;
        System.arraycopy(arrived, head, target, 0, size);
        if (!larger) {
            Arrays.fill(arrived, size, head + size, null);
        }
        arrived = target;
        head = 0;
    }

    /** Asks the executor for a thread once more, after it had none for the reader; false when it has none now either. */
    boolean retry() {
        try {
            Objects.requireNonNull(executor).execute(this);
            return true;
        } catch (RuntimeException | Error e) {
            return false; // Told before, and the next try is not far.
        }
    }

    @Override
    public void run() {
        boolean interrupted = false;
        int batches = 0;
        int count;
        while ((count = takeBatch()) > 0) {
            for (int i = firstToRead; i < firstToRead + count; i++) {
                NatsMessage message = reading[i];
                reading[i] = null;
                if (message != null) {
                    try {
                        read(message);
                    } catch (RuntimeException | Error e) { // Of whoever was told of a failure. The next one is to come.
                        Uncaught.report(e);
                    }
                    interrupted |= Thread.interrupted(); // Not meant for the next message.
                }
            }
            if (++batches % BATCHES_PER_TURN == 0 && retry()) {
                break; // Otherwise others may wait, but this thread is all there is.
            }
        }
        if (count == END) {
            Objects.requireNonNull(onEnd).run();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private int takeBatch() {
        lock.lock();
        try {
            int count = (int) Math.min(size, demand);
            if (count == 0) {
                scheduled = isAtEnd();
                if (size == 0 && arrived.length + reading.length > RETAINED) { // After a time when many had to wait.
                    arrived = new NatsMessage[INITIAL_CAPACITY];
                    reading = new NatsMessage[INITIAL_CAPACITY];
                    head = 0;
                }
                return scheduled ? END : 0;
            }
            if (limits.policy() == PendingPolicy.DROP_OLD) {
                count = 1;
            }
            if (count < size) {
                takeFirst(count);
            } else {
                takeAll();
            }
            demand -= demand == Long.MAX_VALUE ? 0 : count;
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void takeAll() {
        @Nullable NatsMessage[] full = arrived;
        arrived = reading;
        reading = full;
        firstToRead = head;
        head = 0;
        size = 0;
    }

    private void takeFirst(int count) {
        if (count > reading.length) {
            reading = new NatsMessage[Math.max(count, 2 * reading.length)];
        }
        System.arraycopy(arrived, head, reading, 0, count);
        Arrays.fill(arrived, head, head + count, null);
        firstToRead = 0;
        head += count;
        size -= count;
    }

    private void read(NatsMessage message) {
        long number = begin(message);
        if (closed) {
            begun = number - 1; // Dropped, like those behind it.
            return;
        }
        try {
            reader.accept(message);
        } finally {
            handled.setRelease(number);
        }
    }

    private long begin(NatsMessage message) {
        long number = begun + 1;
        begunBytes.setRelease(begunBytes.getPlain() + message.sizeBytes());
        begun = number;
        return number;
    }

    /** Waits for the next message; null when none has come in time, or none will come: {@link #isExhausted}. */
    @Nullable
    NatsMessage take(long timeoutNs) throws InterruptedException {
        long leftNs = timeoutNs;
        lock.lockInterruptibly();
        try {
            while (size == 0) {
                if (leftNs <= 0 || closed || finished) {
                    return null;
                }
                leftNs = arrival.awaitNanos(leftNs);
            }
            NatsMessage message = removeFirst();
            if (size > 0) {
                arrival.signal();
            }
            handled.setRelease(begin(message));
            return message;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #take} will return no message any more. */
    boolean isExhausted() {
        lock.lock();
        try {
            return closed || (finished && size == 0);
        } finally {
            lock.unlock();
        }
    }

    /** On the event loop: nothing will be offered any more. */
    void finish() {
        handOver();
        boolean idle;
        lock.lock();
        try {
            finished = true;
            arrival.signalAll();
            idle = schedule();
        } finally {
            lock.unlock();
        }
        if (idle) {
            execute();
        }
    }

    /** On the event loop: remembers the last message that wants an answer and has arrived. */
    void markAnswers() {
        answersMarked = lastToAnswer;
    }

    /** On the event loop: whether the message remembered is still to be handled. */
    boolean isAnswering() {
        return !closed && handled.get() < answersMarked;
    }

    /** What waits already stays, however much it is, unless old messages are to be dropped for new ones. */
    void limitTo(PendingOptions pending) {
        limits = pending;
    }

    PendingOptions limits() {
        return limits;
    }

    /** Whether everything offered was read, and the reader has returned from the last of it. */
    boolean isIdle() {
        return handled.get() == (closed ? begun : accepted.get());
    }

    int pending() {
        long past = begun; // First, as it grows.
        return closed ? 0 : (int) (accepted.get() - past);
    }

    long pendingBytes() {
        long past = begunBytes.get();
        return closed ? 0 : acceptedBytes.get() - past;
    }

    /** On the event loop: whether the reader has caught up enough to be called slow anew. */
    boolean isHalfEmpty() {
        PendingOptions now = limits;
        return 2 * (accepted.getPlain() - begun) <= now.maxMessages()
                && 2 * (acceptedBytes.getPlain() - begunBytes.get()) <= now.maxBytes();
    }

    boolean isClosed() {
        return closed;
    }

    /** How many were dropped because it was closed before they were read; known when it {@link #isIdle}. */
    long dropped() {
        return closed ? accepted.get() - handled.get() : 0;
    }

    /** Drops what was not read yet; nothing is read afterwards. */
    void close() {
        boolean idle;
        lock.lock();
        try {
            closed = true;
            Arrays.fill(arrived, head, head + size, null);
            head = 0;
            size = 0;
            arrival.signalAll();
            idle = schedule();
        } finally {
            lock.unlock();
        }
        if (idle) {
            execute();
        }
    }
}
