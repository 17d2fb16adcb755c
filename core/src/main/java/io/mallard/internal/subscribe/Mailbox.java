package io.mallard.internal.subscribe;

import io.mallard.NatsMessage;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one subscription on their way from the event loop to its handler: in order, one at a time, bounded.
 *
 * <pre>
 *   loop --offer--&gt; gathered --handOver--&gt; arrived --takeBatch--&gt; reading --&gt; handler
 * </pre>
 *
 * <p>What a turn of the loop brings is handed over at its end, or when it is {@link #MAX_PER_HAND_OVER} messages, and the
 * reader takes everything there is: so the two meet, and a thread is woken, once per batch and not once per message.
 *
 * <p>Threading: {@link #offer} and {@link #handOver} on the event loop; the reader runs on the executor, never twice at a
 * time; the rest from any thread, unless it says otherwise.
 */
final class Mailbox implements Runnable {
    /** The first message of a turn waits no longer than these many take: some 30 µs, half of what it takes to wake a thread. */
    static final int MAX_PER_HAND_OVER = 128;

    private static final int INITIAL_CAPACITY = 16;
    /** After that many batches in a row the thread goes to whoever else waits for the executor. */
    private static final int BATCHES_PER_TURN = 16;

    private final Executor executor;
    private final Consumer<NatsMessage> reader;
    private final Consumer<Throwable> onRefused;

    // Written by any thread, read by the event loop: a message sooner or later.
    private volatile int maxMessages;
    private volatile long maxBytes;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private @Nullable NatsMessage[] arrived = new NatsMessage[INITIAL_CAPACITY];
    private int size;
    /** The executor has the reader, or is to be asked again for it. */
    private boolean scheduled;

    // Latch: once true, always true. Written under lock, read by the reader after it has written begun.
    private volatile boolean closed;

    // Owned by the event loop.
    private @Nullable NatsMessage[] gathered = new NatsMessage[INITIAL_CAPACITY];
    private int gatheredCount;
    private long acceptedBytes;
    /** The number of the last message that wants an answer. */
    private long lastToAnswer;
    /** What {@link #lastToAnswer} was at the mark. */
    private long answersMarked;
    /** Messages ever accepted. Written with release by the event loop, read by anybody. */
    private final AtomicLong accepted = new AtomicLong();

    // Written by the reader, read by anybody. Whoever closes reads begun after that: one of the two sees the other.
    /** Messages that the reader has begun with. */
    private volatile long begun;
    /** Their bytes. Written with release: seen late, they refuse a message that there has just been room for. */
    private final AtomicLong begunBytes = new AtomicLong();
    /** Messages that the reader has returned from. Seen late, they are waited for a little longer. */
    private final AtomicLong handled = new AtomicLong();

    // Owned by the reader.
    private @Nullable NatsMessage[] reading = new NatsMessage[INITIAL_CAPACITY];

    /**
     * @param onRefused told, by {@link #handOver}, that the executor has no thread for the reader: from then on messages
     *     wait for {@link #retry}
     */
    Mailbox(
            Executor executor,
            Consumer<NatsMessage> reader,
            Consumer<Throwable> onRefused,
            int maxMessages,
            long maxBytes) {
        this.executor = executor;
        this.reader = reader;
        this.onRefused = onRefused;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Takes a message, which {@link #handOver} must follow; false when the reader is so far behind that it is refused. */
    boolean offer(NatsMessage message) {
        if (closed) {
            return true; // Nobody wants it, and nobody misses it.
        }
        int bytes = message.sizeBytes();
        long number = accepted.getPlain() + 1;
        if (number - begun > maxMessages || acceptedBytes - begunBytes.get() + bytes > maxBytes) {
            return false;
        }
        if (gatheredCount == gathered.length) {
            gathered = Arrays.copyOf(gathered, 2 * gatheredCount);
        }
        gathered[gatheredCount++] = message;
        accepted.setRelease(number);
        acceptedBytes += bytes;
        if (message.reply() != null) {
            lastToAnswer = number;
        }
        return true;
    }

    /** Whether what was offered must not wait for the end of the turn. */
    boolean isUrgent() {
        return gatheredCount >= MAX_PER_HAND_OVER || !isHalfEmpty();
    }

    /** Hands what was offered to the reader. */
    void handOver() {
        if (gatheredCount > 0 && moveGathered()) {
            try {
                executor.execute(this);
            } catch (RuntimeException | Error e) {
                onRefused.accept(e);
            }
        }
    }

    /** Returns whether the reader must be scheduled. */
    private boolean moveGathered() {
        int count = gatheredCount;
        gatheredCount = 0;
        lock.lock();
        try {
            if (!closed) {
                if (size + count > arrived.length) {
                    arrived = Arrays.copyOf(arrived, Math.max(size + count, 2 * arrived.length));
                }
                System.arraycopy(gathered, 0, arrived, size, count);
                size += count;
            }
            boolean idle = !scheduled && size > 0;
            scheduled |= idle;
            return idle;
        } finally {
            lock.unlock();
            Arrays.fill(gathered, 0, count, null);
        }
    }

    /** Asks the executor for a thread once more, after it had none for the reader; false when it has none now either. */
    boolean retry() {
        try {
            executor.execute(this);
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
            for (int i = 0; i < count; i++) {
                NatsMessage message = reading[i];
                reading[i] = null;
                if (message != null) {
                    read(message);
                    interrupted |= Thread.interrupted(); // Not meant for the next message.
                }
            }
            if (++batches % BATCHES_PER_TURN == 0 && retry()) {
                break; // Otherwise others may wait, but this thread is all there is.
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private int takeBatch() {
        lock.lock();
        try {
            int count = size;
            if (count == 0) {
                scheduled = false;
            } else {
                @Nullable NatsMessage[] full = arrived;
                arrived = reading;
                reading = full;
                size = 0;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void read(NatsMessage message) {
        long number = begun + 1;
        begunBytes.setRelease(begunBytes.getPlain() + message.sizeBytes());
        begun = number;
        try {
            if (!closed) {
                reader.accept(message);
            }
        } finally {
            handled.setRelease(number);
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

    /** What waits already stays, however much it is. */
    void limitTo(int messages, long bytes) {
        maxMessages = messages;
        maxBytes = bytes;
    }

    /** Whether everything offered was read, and the reader has returned from the last of it. */
    boolean isIdle() {
        return handled.get() == (closed ? begun : accepted.get());
    }

    int pending() {
        return closed ? 0 : (int) (accepted.get() - begun);
    }

    /** On the event loop: whether the reader has caught up enough to be called slow anew. */
    boolean isHalfEmpty() {
        return 2 * (accepted.getPlain() - begun) <= maxMessages && 2 * (acceptedBytes - begunBytes.get()) <= maxBytes;
    }

    boolean isClosed() {
        return closed;
    }

    /** Drops what was not read yet; nothing is read afterwards. */
    void close() {
        lock.lock();
        try {
            closed = true;
            Arrays.fill(arrived, 0, size, null);
            size = 0;
        } finally {
            lock.unlock();
        }
    }
}
