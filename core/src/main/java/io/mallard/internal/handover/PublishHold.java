package io.mallard.internal.handover;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps publishes in order across two servers: those of the next connection wait until the server that is being left has
 * processed what was sent to it, and for a moment longer, in which that reaches the other servers.
 *
 * <p>Nobody waits for it: publishes are accepted and held. If the old server does not answer in time, they go all the
 * same.
 *
 * <p>Threading: owned by the event loop; {@link #processed()} may be waited for by anybody.
 */
public final class PublishHold extends Ping {
    private enum State {
        AWAITING_PONG,
        SETTLING,
        RELEASED
    }

    private final ServerConnection left;
    private final ServerConnection next;
    private final Fence fence;
    private final long settleNs;
    private final CompletableFuture<Void> processed = new CompletableFuture<>();

    private State state = State.AWAITING_PONG;
    private boolean answered;
    private boolean orderLost;
    private long deadlineNs;
    /** Since when it is settling. */
    private long answeredNs;

    /**
     * Begins to hold. To be called after {@code left} was sealed and before anybody else appends to {@code next}; the
     * caller flushes both.
     *
     * @param fence tells how far apart the two servers are: the moment longer is at least twice that
     * @param settleNs the moment longer; negative for no order at all, so that nothing is held
     * @param timeoutNs longest time to wait for the old server
     */
    public PublishHold(
            ServerConnection left, ServerConnection next, Fence fence, long settleNs, long timeoutNs, long nowNs) {
        this.left = left;
        this.next = next;
        this.fence = fence;
        this.settleNs = settleNs;
        this.deadlineNs = nowNs + timeoutNs;
        if (settleNs >= 0 && left.outbound().hasPublishedSince(nowNs - settleNs)) {
            next.outbound().hold();
        } else {
            state = State.RELEASED;
        }
        left.outbound().lastPing(this);
    }

    /** Completes when everything sent to the old server is processed; exceptionally when that will never be known. */
    public CompletableFuture<Void> processed() {
        return processed;
    }

    @Override
    public void onPong() {
        answered = true;
        processed.complete(null);
    }

    @Override
    public void onLost() {
        answered = true;
        fence.giveUp();
        processed.completeExceptionally(new NatsException(
                NatsStatus.CONNECTION_CLOSED,
                left.url() + " was lost before it answered; publishes sent to it are in doubt"));
    }

    /** Advances as far as it can go now; returns the nanoseconds until it wants to run again. */
    public long step(long nowNs) {
        if (state == State.AWAITING_PONG && answered) {
            state = State.SETTLING;
            answeredNs = nowNs;
        }
        if (state == State.SETTLING) {
            deadlineNs =
                    fence.isAwaited(nowNs) ? fence.deadlineNs() : answeredNs + Math.max(settleNs, 2 * fence.tookNs());
        }
        if (state != State.RELEASED && deadlineNs - nowNs <= 0) {
            orderLost = state == State.AWAITING_PONG;
            state = State.RELEASED;
            next.outbound().release();
            next.writer().flush();
        }
        return state == State.RELEASED ? Long.MAX_VALUE : deadlineNs - nowNs;
    }

    /** Whether publishes went before the old server had answered: nobody knows their order then. */
    public boolean isOrderLost() {
        return orderLost;
    }

    public ServerConnection left() {
        return left;
    }

    public boolean isReleased() {
        return state == State.RELEASED;
    }
}
