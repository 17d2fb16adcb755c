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
 * <p>The reader takes everything there is as one batch, so the two sides meet once per batch, not once per message.
 *
 * <p>Threading: {@link #offer} on the event loop; the reader runs on the executor, never twice at a time.
 */
final class Mailbox implements Runnable {
    private static final int INITIAL_CAPACITY = 16;
    /** After that many batches in a row the thread goes to whoever else waits for the executor. */
    private static final int BATCHES_PER_TURN = 16;

    private final Executor executor;
    private final Consumer<NatsMessage> reader;
    private final Consumer<Throwable> onRefused;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private int maxMessages;
    private long maxBytes;
    private @Nullable NatsMessage[] arrived = new NatsMessage[INITIAL_CAPACITY];
    private int size;
    /** The executor has the reader, or is to be asked again for it. */
    private boolean scheduled;
    /** Messages ever accepted, without those that were dropped at the end; and their bytes. */
    private long accepted;

    private long acceptedBytes;
    /** The number of the last message that wants an answer. */
    private long lastToAnswer;
    /** What {@link #lastToAnswer} was at the mark. */
    private long answersMarked;

    // Latch: once true, always true. Written under lock, read by the reader after it has written begun.
    private volatile boolean closed;

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
     * @param onRefused told, by {@link #offer}, that the executor has no thread for the reader: from then on messages
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

    /** Hands a message over; false when the reader is so far behind that it is refused. */
    boolean offer(NatsMessage message) {
        lock.lock();
        try {
            if (closed) {
                return true; // Nobody wants it, and nobody misses it.
            }
            int bytes = message.payload().length;
            if (accepted - begun >= maxMessages || acceptedBytes - begunBytes.get() + bytes > maxBytes) {
                return false;
            }
            if (size == arrived.length) {
                arrived = Arrays.copyOf(arrived, 2 * size);
            }
            arrived[size++] = message;
            accepted++;
            if (message.reply() != null) {
                lastToAnswer = accepted;
            }
            acceptedBytes += bytes;
            if (scheduled) {
                return true;
            }
            scheduled = true;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(this);
        } catch (RuntimeException | Error e) {
            onRefused.accept(e);
        }
        return true;
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
        begunBytes.setRelease(begunBytes.getPlain() + message.payload().length);
        begun = number;
        try {
            if (!closed) {
                reader.accept(message);
            }
        } finally {
            handled.setRelease(number);
        }
    }

    /** Remembers the last message that wants an answer and has arrived. */
    void markAnswers() {
        lock.lock();
        try {
            answersMarked = lastToAnswer;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the message remembered is still to be handled. */
    boolean isAnswering() {
        lock.lock();
        try {
            return !closed && handled.get() < answersMarked;
        } finally {
            lock.unlock();
        }
    }

    /** What waits already stays, however much it is. */
    void limitTo(int messages, long bytes) {
        lock.lock();
        try {
            maxMessages = messages;
            maxBytes = bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether everything offered was read, and the reader has returned from the last of it. */
    boolean isIdle() {
        lock.lock();
        try {
            return closed ? handled.get() == begun : !scheduled;
        } finally {
            lock.unlock();
        }
    }

    int pending() {
        lock.lock();
        try {
            return (int) (accepted - begun);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the reader has caught up enough to be called slow anew. */
    boolean isHalfEmpty() {
        lock.lock();
        try {
            return 2 * (accepted - begun) <= maxMessages && 2 * (acceptedBytes - begunBytes.get()) <= maxBytes;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Drops what was not read yet; nothing is read afterwards. */
    void close() {
        lock.lock();
        try {
            closed = true;
            accepted -= size;
            for (int i = 0; i < size; i++) {
                NatsMessage dropped = arrived[i];
                acceptedBytes -= dropped == null ? 0 : dropped.payload().length;
                arrived[i] = null;
            }
            size = 0;
        } finally {
            lock.unlock();
        }
    }
}
