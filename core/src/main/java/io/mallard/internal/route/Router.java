package io.mallard.internal.route;

import io.mallard.NatsException;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.route.Refusal.Reason;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one place that says where traffic goes.
 *
 * <p>A move is: seal the buffer of the old route, move what must move, store the new route. Whoever appends in between
 * is told SEALED and reads the route again.
 *
 * <p>Threading: written by the event loop, read by anybody.
 */
public final class Router {
    private static final int SPINS = 100;
    private static final long PAUSE_NS = 20_000;

    private volatile Route route;

    public Router(Route first) {
        this.route = first;
    }

    public Route current() {
        return route;
    }

    /**
     * Waits for the route that replaces one whose buffer is sealed: the loop is about to store it, microseconds away
     * unless it has megabytes to move.
     *
     * @return false when the deadline has passed
     */
    boolean awaitSuccessor(Route sealed, long deadlineNs) {
        for (int spins = 0; route == sealed; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else if (deadlineNs - System.nanoTime() <= 0) {
                return false;
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        return true;
    }

    /**
     * Appends to the buffer of whichever route is current; for commands that are not many, and never FULL.
     *
     * @throws NatsException when the client is closed, or the deadline passes
     */
    public void append(Function<OutboundBuffer, Append> command, long deadlineNs) {
        Refusal refusal = offer(command, 0, 0, 0, true, deadlineNs - System.nanoTime());
        if (refusal != null) {
            throw refusal.toException("not sent");
        }
    }

    /**
     * Appends to the buffer of whichever route is current.
     *
     * @param size bytes of the whole command
     * @param headerBytes bytes of its headers, 0 for none
     * @param payloadBytes bytes of its payload
     * @param mayWait whether to wait for room
     * @param timeoutNs how long to wait, for room or for a move
     * @return null when it was accepted
     */
    public @Nullable Refusal offer(
            Function<OutboundBuffer, Append> command,
            int size,
            int headerBytes,
            int payloadBytes,
            boolean mayWait,
            long timeoutNs) {
        return offer(command, size, headerBytes, payloadBytes, () -> mayWait, timeoutNs);
    }

    /** The same, where it is said only when there is no room whether to wait for it. */
    public @Nullable Refusal offer(
            Function<OutboundBuffer, Append> command,
            int size,
            int headerBytes,
            int payloadBytes,
            BooleanSupplier mayWait,
            long timeoutNs) {
        long deadlineNs = System.nanoTime() + timeoutNs;
        boolean flushed = false;
        while (true) {
            Route target = route;
            Reason reason = obstacle(target, headerBytes, payloadBytes);
            if (reason == null) {
                Append answer = command.apply(target.outbound());
                if (answer == Append.ACCEPTED) {
                    target.flush();
                    return null;
                }
                if (answer == Append.FULL && !flushed && target.kind() == Route.Kind.CONNECTED) {
                    flushed = true;
                    target.flush(); // What only gathers must not keep others out.
                    continue;
                }
                reason = answer == Append.SEALED
                        ? awaitMove(target, deadlineNs)
                        : awaitRoom(target, size, mayWait.getAsBoolean(), deadlineNs);
            }
            if (reason != null) {
                return new Refusal(reason, target, headerBytes, payloadBytes, timeoutNs);
            }
        }
    }

    /** Why that route never takes a message of that size; null if it may. */
    public static @Nullable Refusal refusal(Route target, int headerBytes, int payloadBytes) {
        Reason reason = obstacle(target, headerBytes, payloadBytes);
        return reason == null ? null : new Refusal(reason, target, headerBytes, payloadBytes, 0);
    }

    private static @Nullable Reason obstacle(Route target, int headerBytes, int payloadBytes) {
        if (target.kind() == Route.Kind.CLOSED) {
            return Reason.CLIENT_CLOSED;
        }
        if (target.kind() == Route.Kind.DRAINING) {
            return Reason.CLIENT_DRAINING;
        }
        if (target.takes(headerBytes, payloadBytes)) {
            return null;
        }
        return headerBytes > 0 && !target.hasHeaders() ? Reason.NO_HEADERS : Reason.PAYLOAD_TOO_LARGE;
    }

    private @Nullable Reason awaitMove(Route sealed, long deadlineNs) {
        if (sealed.onlyUrl() != null) {
            return Reason.CONNECTION_LEFT;
        }
        return awaitSuccessor(sealed, deadlineNs) ? null : Reason.NO_SUCCESSOR_IN_TIME;
    }

    private static @Nullable Reason awaitRoom(Route full, int size, boolean mayWait, long deadlineNs) {
        if (full.kind() == Route.Kind.OFFLINE || full.onlyUrl() != null || !mayWait) {
            return Reason.BUFFER_FULL;
        }
        try {
            return full.outbound().awaitRoom(size, deadlineNs) ? null : Reason.NO_ROOM_IN_TIME;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Reason.INTERRUPTED;
        }
    }

    /** On the event loop, after the old route's buffer was sealed. */
    public void moveTo(Route next) {
        route = next;
    }
}
