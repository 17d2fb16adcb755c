package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.route.StandbyPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that traffic leaves a connection whose credentials expire in good time, for one made with others. As long as
 * there are no others, it tries again when half of the rest of the time is over.
 *
 * <p>Threading: owned by the event loop.
 */
final class Renewal {
    private final StandbyPool standbys;
    private final ListenerNotifier listener;
    private final EventLog log;

    /** The connection that others are being made for. */
    private @Nullable ServerConnection expiring;
    /** The connection for which others were made in vain last. */
    private @Nullable ServerConnection inVain;

    Renewal(StandbyPool standbys, ListenerNotifier listener, EventLog log) {
        this.standbys = standbys;
        this.listener = listener;
        this.log = log;
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

    /** No connection could be made; that is tried on. */
    void onRoundFailed(ServerConnection carrier, String attempts, long nowNs) {
        if (expiring == carrier) {
            report(carrier, "no connection could be made with others: " + attempts, nowNs);
        }
    }

    /** There is another connection, which may have been made in vain: it expires as early. */
    void onMade(ServerConnection made, ServerConnection carrier, long nowNs) {
        if (expiring == carrier && !made.outlasts(carrier)) {
            carrier.renewLater(nowNs);
            expiring = null;
            standbys.onRenewedInVain(made);
            report(carrier, "there are none yet that last longer", nowNs);
        }
    }

    /** Once for a connection. */
    private void report(ServerConnection carrier, String why, long nowNs) {
        if (inVain == carrier) {
            return;
        }
        inVain = carrier;
        NatsException noOthers = new NatsException(
                NatsStatus.CONNECTION_AUTH_FAILED,
                "the credentials of " + carrier.url() + " expire in "
                        + (TimeUnit.NANOSECONDS.toSeconds(carrier.nsUntilExpiry(nowNs)) + 1)
                        + " s, and " + why + "; the server will close the connection then");
        log.credentialsExpire(noOthers);
        listener.tell(l -> l.onError(noOthers));
    }
}
