package io.mallard.internal.subscribe;

import io.mallard.NatsMessage;
import java.util.Arrays;
import java.util.concurrent.Executor;
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
    // Latch: once true, always true.
    private boolean closed;
    /** What was offered and not yet read. */
    private int pendingMessages;

    private long pendingBytes;
    /** Messages ever accepted; the reader has taken up {@link #taken} of them and is in the middle of the last one. */
    private long accepted;

    private long taken;
    private boolean inHandler;
    /** The number of the last message that wants an answer. */
    private long lastToAnswer;
    /** What {@link #lastToAnswer} was at the mark. */
    private long answersMarked;

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
            if (pendingMessages >= maxMessages || pendingBytes + bytes > maxBytes) {
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
            pendingMessages++;
            pendingBytes += bytes;
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
                if (message != null && startReading(message)) {
                    reader.accept(message);
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
            inHandler = false;
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

    private boolean startReading(NatsMessage message) {
        lock.lock();
        try {
            pendingMessages--;
            pendingBytes -= message.payload().length;
            taken++;
            inHandler = true;
            return !closed;
        } finally {
            lock.unlock();
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
            return !closed && (inHandler ? taken - 1 : taken) < answersMarked;
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
            return closed ? !inHandler : !scheduled;
        } finally {
            lock.unlock();
        }
    }

    int pending() {
        lock.lock();
        try {
            return pendingMessages;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the reader has caught up enough to be called slow anew. */
    boolean isHalfEmpty() {
        lock.lock();
        try {
            return 2L * pendingMessages <= maxMessages && 2 * pendingBytes <= maxBytes;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what was not read yet; nothing is read afterwards. */
    void close() {
        lock.lock();
        try {
            closed = true;
            pendingMessages -= size;
            for (int i = 0; i < size; i++) {
                NatsMessage dropped = arrived[i];
                pendingBytes -= dropped == null ? 0 : dropped.payload().length;
                arrived[i] = null;
            }
            size = 0;
        } finally {
            lock.unlock();
        }
    }
}
