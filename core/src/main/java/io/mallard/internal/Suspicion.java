package io.mallard.internal;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the server in use answers late while the one that stands by answers in time: if both are late it is more
 * likely the network they share, or this machine.
 *
 * <p>Threading: owned by the event loop.
 */
final class Suspicion {
    /** After a move nobody is suspected for a while: two servers that are slow by turns must not play ball with the traffic. */
    static final long QUIET_NS = TimeUnit.SECONDS.toNanos(30);

    private static final class Probe extends Ping {
        final ServerConnection asked;
        final long sentNs;
        boolean answered;

        Probe(ServerConnection asked, long sentNs) {
            this.asked = asked;
            this.sentNs = sentNs;
        }

        @Override
        public void onPong() {
            answered = true;
        }

        @Override
        public void onLost() {
            // The owner of the connection hears of it.
        }
    }

    private final long lateNs;
    /** The question whether the server in use answers in time. */
    private @Nullable Probe primary;
    /** The same of the one that stands by, asked when the first is late. */
    private @Nullable Probe spare;

    private long quietUntilNs;

    /** {@code lateNs}: an answer that takes longer is late; 0 if nobody is to be suspected at all. */
    Suspicion(long lateNs, long nowNs) {
        this.lateNs = lateNs;
        this.quietUntilNs = nowNs;
    }

    /** Asks whom it is time to ask; returns the nanoseconds until it wants to be called again. */
    long onTick(ServerConnection carrier, @Nullable ServerConnection standby, long nowNs) {
        if (lateNs == 0) {
            return Long.MAX_VALUE;
        }
        if (quietUntilNs - nowNs > 0) {
            return quietUntilNs - nowNs;
        }
        Probe asked = primary;
        if (asked == null || asked.asked != carrier || (asked.answered && nowNs - asked.sentNs >= lateNs)) {
            primary = ask(carrier, nowNs);
            spare = null;
            return lateNs;
        }
        long leftNs = lateNs - (nowNs - asked.sentNs);
        if (asked.answered || leftNs > 0) {
            return leftNs;
        }
        return standby == null ? lateNs : askSpare(standby, nowNs);
    }

    private long askSpare(ServerConnection standby, long nowNs) {
        Probe asked = spare;
        if (asked == null || asked.asked != standby || nowNs - asked.sentNs >= lateNs) {
            asked = ask(standby, nowNs);
            spare = asked;
        }
        return lateNs - (nowNs - asked.sentNs);
    }

    private static Probe ask(ServerConnection connection, long nowNs) {
        Probe probe = new Probe(connection, nowNs);
        connection.outbound().urgentPing(probe);
        connection.writer().flush();
        return probe;
    }

    /** Whether that standby has just answered in time while that server has not answered at all. */
    boolean isFounded(ServerConnection carrier, @Nullable ServerConnection standby) {
        return primary != null
                && primary.asked == carrier
                && !primary.answered
                && spare != null
                && spare.asked == standby
                && spare.answered;
    }

    /** The traffic leaves the suspected server. */
    void onLeft(long nowNs) {
        primary = null;
        spare = null;
        quietUntilNs = nowNs + QUIET_NS;
    }
}
