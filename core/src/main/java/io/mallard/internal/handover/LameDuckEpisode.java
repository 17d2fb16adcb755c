package io.mallard.internal.handover;

import io.mallard.HandoverCost;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.internal.handover.SubscriptionMerge.Counts;
import io.mallard.internal.request.ClientTally;
import io.mallard.internal.request.RoundTrips;

/**
 * The ledger of one handover, of whatever reason: written down as it happens, summed up at the end.
 *
 * <p>Threading: owned by the event loop.
 */
final class LameDuckEpisode {
    private final HandoverReason reason;
    private final String fromUrl;
    private final long beganNs;
    private final ClientTally before;

    private String toUrl = "";
    private long swapNs;
    private long fenceNs = Fence.UNKNOWN_NS;
    private long inDoubt;
    private boolean subscriptionGap;
    private boolean publishOrderKept = true;

    /** {@code before}: what had become of requests until now. */
    LameDuckEpisode(HandoverReason reason, String fromUrl, ClientTally before, long nowNs) {
        this.reason = reason;
        this.fromUrl = fromUrl;
        this.before = before;
        this.beganNs = nowNs;
    }

    HandoverReason reason() {
        return reason;
    }

    void onTrafficMoved(String url, long nowNs) {
        toUrl = url;
        swapNs = nowNs - beganNs;
    }

    long swapNs() {
        return swapNs;
    }

    void onResubscribed(String url) {
        toUrl = url;
    }

    void onFence(long tookNs) {
        fenceNs = tookNs;
    }

    void onInDoubt(long publishes) {
        inDoubt += publishes;
    }

    void onSubscriptionGap() {
        subscriptionGap = true;
    }

    void onPublishOrderLost() {
        publishOrderKept = false;
    }

    HandoverReport report(long publishesResent, Counts counts, ClientTally now, RoundTrips roundTrips, long nowNs) {
        ClientTally meanwhile = now.since(before);
        return new HandoverReport(
                reason,
                fromUrl,
                toUrl,
                swapNs,
                nowNs - beganNs,
                fenceNs,
                inDoubt,
                publishesResent,
                meanwhile.timedOut(),
                counts.duplicatesDropped(),
                counts.ambiguous(),
                counts.heldOverLimit(),
                subscriptionGap,
                publishOrderKept,
                new HandoverCost(
                        meanwhile.buffered(),
                        meanwhile.refused(),
                        meanwhile.publishesRefused(),
                        meanwhile.messagesDropped(),
                        roundTrips.count(),
                        roundTrips.firstOverheadNs(),
                        roundTrips.meanOverheadNs()));
    }
}
