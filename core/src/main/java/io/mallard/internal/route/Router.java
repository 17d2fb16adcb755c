package io.mallard.internal.route;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

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
    public boolean awaitSuccessor(Route sealed, long deadlineNs) {
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
        while (true) {
            Route target = route;
            if (target.kind() == Route.Kind.CLOSED) {
                throw new NatsException(NatsStatus.CONNECTION_CLOSED, "the client is closed");
            }
            if (command.apply(target.outbound()) == Append.ACCEPTED) {
                target.flush();
                return;
            }
            if (!awaitSuccessor(target, deadlineNs)) {
                throw new NatsException(NatsStatus.TIMEOUT, "timed out while traffic moved to another connection");
            }
        }
    }

    /** On the event loop, after the old route's buffer was sealed. */
    public void moveTo(Route next) {
        route = next;
    }
}
