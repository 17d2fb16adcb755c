package io.mallard.internal.handover;

import io.mallard.internal.connection.ServerConnection;
import org.jspecify.annotations.Nullable;

/**
 * Whether all that was published on a connection that is being left has passed the server of the next one: whoever
 * subscribes there earlier is sent some of it.
 *
 * <p>Two fences, one behind the other: the first one tells that the old server knows of the inbox on the next one, or
 * the second one, behind the last publish, would get lost.
 *
 * <p>Threading: owned by the event loop.
 */
final class Passage {
    /** Makes fences, and knows when they arrive. */
    @FunctionalInterface
    interface Fences {
        /** As {@link Handover.Traffic#fence}. */
        Fence fence(ServerConnection origin, ServerConnection destination, long timeoutNs, long nowNs);
    }

    private final ServerConnection leaving;
    private final ServerConnection next;
    private final Fences fences;
    private final long timeoutNs;
    private final long atLeastUntilNs;
    private final Fence there;
    private @Nullable Fence back;

    /**
     * Begins; the connection that is being left takes no new traffic any more.
     *
     * @param timeoutNs longest time to wait for each of the two
     * @param unknownNs how long all is taken to be under way when no fence can be sent
     */
    Passage(
            ServerConnection leaving,
            ServerConnection next,
            Fences fences,
            long timeoutNs,
            long unknownNs,
            long nowNs) {
        this.leaving = leaving;
        this.next = next;
        this.fences = fences;
        this.timeoutNs = timeoutNs;
        this.atLeastUntilNs = nowNs + unknownNs;
        this.there = fences.fence(next, leaving, timeoutNs, nowNs).goAhead();
        next.writer().flush();
    }

    boolean isOf(ServerConnection from, ServerConnection to) {
        return leaving == from && next == to;
    }

    /** Advances as far as it can go now; whether it is over, or will never be. */
    boolean step(long nowNs) {
        if (there.isAwaited(nowNs)) {
            return false;
        }
        if (!there.isArrived()) {
            return atLeastUntilNs - nowNs <= 0;
        }
        if (back == null) {
            back = fences.fence(leaving, next, timeoutNs, nowNs).goLast();
            leaving.writer().flush();
        }
        return back.isArrived() || (!back.isAwaited(nowNs) && atLeastUntilNs - nowNs <= 0);
    }
}
