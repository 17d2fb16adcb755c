package io.mallard;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What one handover did: its ledger, complete when nothing of the client is left on the old connection.
 *
 * @param reason why it was
 * @param fromUrl the server that was left
 * @param toUrl the server that has the subscriptions now
 * @param swapNs from the reason to the moment since when new traffic goes to the other server, in nanoseconds
 * @param totalNs from the reason to the end, in nanoseconds
 * @param fenceNs how long a message took from the new server to the old one, in nanoseconds; -1 when that is not known,
 *     because the client may not publish to its inbox or the message did not arrive in time
 * @param publishesInDoubt publishes of which nobody knows whether the old server processed them
 * @param publishesResent publishes that the old server may have processed and that were sent again, see
 *     {@link PublishReliability#AT_LEAST_ONCE}
 * @param requestsTimedOut requests whose time ran out meanwhile; one that is still waiting may yet be answered
 * @param duplicatesDropped second copies of messages that came through both servers and were not delivered
 * @param ambiguous messages that look like a neighbour closer than the servers are apart in time: delivered, and perhaps
 *     twice
 * @param heldOverLimit messages delivered out of turn, and perhaps twice, because there was no room to hold them
 * @param subscriptionGap whether the old server stopped delivering before the whole cluster can have known of the new
 *     one, so that messages to subscriptions may be missing
 * @param publishOrderKept whether publishes waited for those before them; false when the old server took too long to
 *     answer for these. True as well when no order was asked for
 * @param cost what it has cost those who asked and published meanwhile
 */
public record HandoverReport(
        HandoverReason reason,
        String fromUrl,
        String toUrl,
        long swapNs,
        long totalNs,
        long fenceNs,
        long publishesInDoubt,
        long publishesResent,
        long requestsTimedOut,
        long duplicatesDropped,
        long ambiguous,
        long heldOverLimit,
        boolean subscriptionGap,
        boolean publishOrderKept,
        HandoverCost cost) {
    /**
     * Whether everything is accounted for: nothing in doubt, nothing refused, no request timed out so far, no message dropped for
     * a slow handler, no gap in a subscription.
     *
     * @return whether nothing was lost, as far as a client can know
     */
    public boolean isWithoutLoss() {
        boolean refused = cost.requestsRefused() + cost.publishesRefused() > 0;
        boolean received = cost.messagesDropped() == 0 && !subscriptionGap;
        return publishesInDoubt == 0 && requestsTimedOut == 0 && !refused && received;
    }

    /**
     * Whether also every message was delivered exactly once and in its order.
     *
     * @return false as well when identical messages made that unknowable
     */
    public boolean isExact() {
        boolean onceEach = publishesResent == 0 && ambiguous == 0 && heldOverLimit == 0;
        return isWithoutLoss() && onceEach && publishOrderKept;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s handover from %s to %s: swap %.3f ms, total %.0f ms, fence %s, in doubt %d, sent again %d, requests timed out %d, buffered %d, refused %d,"
                        + " publishes refused %d, messages dropped %d,"
                        + " duplicates dropped %d, ambiguous %d, held over limit %d, subscription gap %s, publish order %s",
                reason,
                fromUrl,
                toUrl,
                swapNs / 1e6,
                totalNs / 1e6,
                fenceNs < 0 ? "unknown" : TimeUnit.NANOSECONDS.toMicros(fenceNs) + " µs",
                publishesInDoubt,
                publishesResent,
                requestsTimedOut,
                cost.requestsBuffered(),
                cost.requestsRefused(),
                cost.publishesRefused(),
                cost.messagesDropped(),
                duplicatesDropped,
                ambiguous,
                heldOverLimit,
                subscriptionGap ? "yes" : "no",
                publishOrderKept ? "kept" : "lost");
    }
}
