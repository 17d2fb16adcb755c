package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.request.Requester;
import io.mallard.protocol.net.EventLoop;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends a whole client without dropping what it has taken on.
 *
 * <pre>
 *      IDLE
 *        | the user has asked for it: no new subscriptions
 *   SUBSCRIPTIONS   each drains; their handlers publish and ask as ever
 *        | all have ended, and their handlers have returned
 *    STRANDED       what was accepted waits for a connection
 *        | no new publishes and requests
 *    FINISHING      the servers process what they were sent, and replies come
 *        |
 *      OVER         or when the time is up, at any point: the client closes as ever
 * </pre>
 *
 * <p>Threading: owned by the event loop, except {@link #begin} and {@link #checkMaySubscribe}, which anybody may call.
 */
public final class ClientDrain {
    /** A time that never comes. */
    static final long NO_LIMIT_NS = Requester.boundedNs(ChronoUnit.FOREVER.getDuration());

    /** What has not come to its end in time. */
    record Left(int subscriptions, long messages) {
        static final Left NOTHING = new Left(0, 0);
    }

    /** The subscriptions of the client. Called on the event loop. */
    interface Subscriptions {
        /** Ends all gently, those too that have come since the last call; returns whether their handlers are done. */
        boolean drainAll(long nowNs);

        /** Ends all at once; returns what that has dropped. */
        Left abandonAll();
    }

    /** What the client sends, and is answered. Called on the event loop. */
    interface Traffic {
        /** Whether publishes wait for a connection that there is not. */
        boolean isStranded();

        /** Accepts nothing new from now on, and closes when all that was accepted is processed and answered. */
        void closeWhenDone();

        /** Closes as soon as may be. */
        void close();

        /** How many requests the end was faster than. */
        int unanswered();

        /** What became of publishes that the end was faster than; null if there are none. */
        @Nullable
        NatsException loss();
    }

    private enum State {
        IDLE,
        SUBSCRIPTIONS,
        STRANDED,
        FINISHING,
        OVER
    }

    /** Handlers end on threads of their own: how often they are looked at. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final EventLoop loop;
    private final Subscriptions subscriptions;
    private final Traffic traffic;
    private final IntSupplier waitingRequests;
    private final Executor executor;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();

    // Written by the event loop and whoever begins, read by anybody.
    private volatile boolean refusing;

    private State state = State.IDLE;
    private long timeoutNs;
    private long deadlineNs;
    private boolean late;
    private Left left = Left.NOTHING;

    /**
     * @param waitingRequests how many requests wait until a connection can send them
     * @param executor completes the future, and is not the user's: handlers may wait for it
     */
    public ClientDrain(
            EventLoop loop,
            Subscriptions subscriptions,
            Traffic traffic,
            IntSupplier waitingRequests,
            Executor executor) {
        this.loop = loop;
        this.subscriptions = subscriptions;
        this.traffic = traffic;
        this.waitingRequests = waitingRequests;
        this.executor = executor;
    }

    /** Begins, if nobody has before. Completes when the client is closed. */
    public CompletableFuture<Void> begin(Duration timeout) {
        if (!begun.getAndSet(true)) {
            long askedNs = System.nanoTime();
            refusing = true;
            try {
                loop.execute(() -> start(Requester.boundedNs(timeout), askedNs));
            } catch (RejectedExecutionException e) {
                refusing = false;
                fail(NatsStatus.CONNECTION_CLOSED, "the client is closed", null);
            }
        }
        return drained;
    }

    /** Whether it has begun, and the client is not closed. */
    public boolean isUnderWay() {
        return refusing;
    }

    /** Throws when no subscription may begin any more. */
    public void checkMaySubscribe(String subject) {
        if (refusing) {
            throw new NatsException(
                    NatsStatus.DRAINING, "not subscribed to \"" + subject + "\": the client is being drained");
        }
    }

    void start(long timeNs, long nowNs) {
        timeoutNs = timeNs;
        deadlineNs = nowNs + timeNs;
        state = State.SUBSCRIPTIONS;
    }

    /** Advances as far as it can go now; returns the nanoseconds until it wants to run again. */
    public long onTick(long nowNs) {
        if (state == State.IDLE || state == State.OVER) {
            return Long.MAX_VALUE;
        }
        if (state == State.SUBSCRIPTIONS && subscriptions.drainAll(nowNs)) {
            state = State.STRANDED;
        }
        if (state == State.STRANDED && !traffic.isStranded() && waitingRequests.getAsInt() == 0) {
            state = State.FINISHING;
            traffic.closeWhenDone();
        }
        if (!late && deadlineNs - nowNs <= 0) {
            late = true;
            left = subscriptions.abandonAll();
            state = State.FINISHING;
            traffic.close();
        }
        return late ? Long.MAX_VALUE : Math.min(LOOK_NS, deadlineNs - nowNs);
    }

    /** The client is closed. */
    public void onEnd() {
        refusing = false;
        if (state == State.IDLE || state == State.OVER) {
            return;
        }
        boolean finishing = state == State.FINISHING;
        state = State.OVER;
        NatsException loss = traffic.loss();
        if (late && (!left.equals(Left.NOTHING) || traffic.unanswered() > 0 || loss != null)) {
            fail(
                    NatsStatus.TIMEOUT,
                    "the client was not drained within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms: "
                            + left.subscriptions() + " subscriptions had not come to their end, " + left.messages()
                            + " of their messages were not handled and are dropped, " + traffic.unanswered()
                            + " requests had no reply" + (loss == null ? "" : "; " + loss.getMessage()),
                    loss);
        } else if (!finishing) {
            fail(NatsStatus.CONNECTION_CLOSED, "the client was closed while it was being drained", loss);
        } else if (loss != null || traffic.unanswered() > 0) {
            fail(
                    NatsStatus.CONNECTION_CLOSED,
                    "the client was drained, but " + traffic.unanswered() + " requests had no reply"
                            + (loss == null ? "" : "; " + loss.getMessage()),
                    loss);
        } else {
            executor.execute(() -> drained.complete(null));
        }
    }

    private void fail(NatsStatus status, String message, @Nullable NatsException cause) {
        NatsException why =
                cause == null ? new NatsException(status, message) : new NatsException(status, message, cause);
        executor.execute(() -> drained.completeExceptionally(why));
    }
}
