package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A request whose caller waits in its own thread, which the event loop wakes directly.
 *
 * <p>Threading: {@link #await} on the caller's thread; ended from any thread.
 */
final class BlockingRequest extends PendingRequest {
    private static final long PAUSE_NS = 1_000_000;

    private final Thread caller = Thread.currentThread();
    // Written by whoever ends the request, read by the caller: one of the two, once.
    private volatile @Nullable NatsMessage reply;
    private volatile @Nullable NatsException failure;

    BlockingRequest(
            String subject,
            byte @Nullable [] headers,
            RequestOptions options,
            byte[] payload,
            long timeoutNs,
            long nowNs) {
        super(subject, headers, options, payload, timeoutNs, nowNs);
    }

    @Override
    void succeed(NatsMessage message) {
        reply = message;
        LockSupport.unpark(caller);
    }

    @Override
    void fail(NatsException why) {
        failure = why;
        LockSupport.unpark(caller);
    }

    /** Waits for the end of the request; it comes by the deadline, even if nobody but the caller sees to it. */
    NatsMessage await(RequestTable table) throws InterruptedException {
        while (true) {
            NatsMessage received = reply;
            if (received != null) {
                return received;
            }
            NatsException why = failure;
            if (why != null) {
                // Made on the event loop: the caller's own stack is what its reader needs.
                String message = String.valueOf(why.getMessage());
                throw why.isNeverSent()
                        ? NatsException.neverSent(why.status(), message)
                        : new NatsException(why.status(), message, why.getCause());
            }
            if (Thread.interrupted()) {
                giveUp(table);
                throw new InterruptedException();
            }
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs > 0) {
                LockSupport.parkNanos(this, leftNs);
            } else if (!table.timeOut(this)) {
                LockSupport.parkNanos(this, PAUSE_NS); // Somebody is ending it, or sending it again this very moment.
            }
        }
    }

    /** When this returns, nobody looks at the payload any more, which belongs to the caller. */
    private void giveUp(RequestTable table) {
        while (!table.remove(this) && reply == null && failure == null) {
            LockSupport.parkNanos(this, PAUSE_NS); // As above.
        }
    }
}
