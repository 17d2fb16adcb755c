package io.mallard.internal;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.route.StandbyPool;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that traffic leaves a connection whose credentials expire in good time, for one made with others. As long as
 * there are no others, it tries again when half of the rest of the time is over.
 *
 * <p>Threading: owned by the event loop.
 */
final class Renewal {
    private final StandbyPool standbys;

    /** The connection that others are being made for. */
    private @Nullable ServerConnection expiring;
    /** The connection for which others were made in vain last. */
    private @Nullable ServerConnection inVain;

    Renewal(StandbyPool standbys) {
        this.standbys = standbys;
    }

    /** Begins when it is due; returns the nanoseconds until it wants to be called again. */
    long onTick(ServerConnection carrier, long nowNs) {
        if (expiring == carrier || !carrier.isRenewalDue(nowNs)) {
            return expiring == carrier ? Long.MAX_VALUE : carrier.nsUntilRenewal(nowNs);
        }
        expiring = carrier;
        standbys.renew(carrier, nowNs);
        return 0;
    }

    /** Whether there is a connection to move to instead of that one. */
    boolean isReady(ServerConnection carrier) {
        ServerConnection best = standbys.ready();
        return expiring == carrier && best != null && best.outlasts(carrier);
    }

    /** No connection could be made; that is tried on. Returns whether this is the first time that it is in vain. */
    boolean onRoundFailed(ServerConnection carrier) {
        return expiring == carrier && isFirstTime(carrier);
    }

    private boolean isFirstTime(ServerConnection carrier) {
        boolean first = inVain != carrier;
        inVain = carrier;
        return first;
    }

    /** There is another connection. Returns whether, for the first time, it was made in vain: it expires as early. */
    boolean onMade(ServerConnection made, ServerConnection carrier, long nowNs) {
        if (expiring != carrier || made.outlasts(carrier)) {
            return false;
        }
        carrier.renewLater(nowNs);
        expiring = null;
        standbys.onRenewedInVain(made);
        return isFirstTime(carrier);
    }
}
