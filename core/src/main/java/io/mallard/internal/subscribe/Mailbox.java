package io.mallard.internal.subscribe;

import io.mallard.NatsMessage;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
    private final int maxMessages;
    private final long maxBytes;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private @Nullable NatsMessage[] arrived = new NatsMessage[INITIAL_CAPACITY];
    private int size;
    private boolean scheduled;
    // Latch: once true, always true.
    private boolean closed;
    /** What was offered and not yet read. */
    private int pendingMessages;

    private long pendingBytes;

    // Owned by the reader.
    private @Nullable NatsMessage[] reading = new NatsMessage[INITIAL_CAPACITY];

    Mailbox(Executor executor, Consumer<NatsMessage> reader, int maxMessages, long maxBytes) {
        this.executor = executor;
        this.reader = reader;
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
            pendingMessages++;
            pendingBytes += bytes;
            if (scheduled) {
                return true;
            }
            scheduled = true;
        } finally {
            lock.unlock();
        }
        schedule();
        return true;
    }

    private void schedule() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            close(); // The executor is shut down: nothing will be read any more.
        }
    }

    @Override
    public void run() {
        for (int batch = 0; batch < BATCHES_PER_TURN; batch++) {
            int count = takeBatch();
            if (count == 0) {
                return;
            }
            for (int i = 0; i < count; i++) {
                NatsMessage message = reading[i];
                reading[i] = null;
                if (message != null && startReading(message)) {
                    reader.accept(message);
                }
            }
        }
        schedule();
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

    private boolean startReading(NatsMessage message) {
        lock.lock();
        try {
            pendingMessages--;
            pendingBytes -= message.payload().length;
            return !closed;
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
