package io.mallard.internal.handover;

import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.internal.handover.SubscriptionMerge.Counts;

/**
 * The ledger of one handover, of whatever reason: written down as it happens, summed up at the end.
 *
 * <p>Threading: owned by the event loop.
 */
final class LameDuckEpisode {
    private final HandoverReason reason;
    private final String fromUrl;
    private final long beganNs;
    private final long timeoutsBefore;

    private String toUrl = "";
    private long swapNs;
    private long fenceNs = Fence.UNKNOWN_NS;
    private long inDoubt;
    private boolean subscriptionGap;
    private boolean publishOrderKept = true;

    /** {@code timeoutsBefore}: requests of the client that had timed out until now. */
    LameDuckEpisode(HandoverReason reason, String fromUrl, long timeoutsBefore, long nowNs) {
        this.reason = reason;
        this.fromUrl = fromUrl;
        this.timeoutsBefore = timeoutsBefore;
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

    HandoverReport report(Counts counts, long timeoutsNow, long nowNs) {
        return new HandoverReport(
                reason,
                fromUrl,
                toUrl,
                swapNs,
                nowNs - beganNs,
                fenceNs,
                inDoubt,
                timeoutsNow - timeoutsBefore,
                counts.duplicatesDropped(),
                counts.ambiguous(),
                counts.heldOverLimit(),
                subscriptionGap,
                publishOrderKept);
    }
}
