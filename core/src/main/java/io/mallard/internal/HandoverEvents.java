package io.mallard.internal;

import io.mallard.HandoverCost;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.Handover;
import io.mallard.internal.handover.Handover.State;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import org.jspecify.annotations.Nullable;

/**
 * Tells log, listener and counters of handovers. Of a server that leaves they hear after the swap, which takes less time
 * than to tell of it, but before they hear of the swap.
 *
 * <p>What is said of a hot-swap client is said of the standby that takes over: it is created when a handover takes it
 * while the leaving server still serves. An attempt to create one fails when every other server was tried in vain, or the leaving one was gone first; once per
 * handover.
 *
 * <p>Threading: owned by the event loop.
 */
final class HandoverEvents {
    private final boolean hotSwap;
    private final EventLog log;
    private final ListenerNotifier listener;
    private final Counters counters;

    /** The leaving server that log and listener were told of last. */
    private @Nullable ServerConnection leavingTold;
    /** The handover whose failure they were told of last. */
    private @Nullable Handover failureTold;

    /** The one whose leaving server was gone before traffic could move. */
    private @Nullable Handover reconnected;

    /** {@code hotSwap}: whether a standby is to take over from a leaving server at all. */
    HandoverEvents(boolean hotSwap, EventLog log, ListenerNotifier listener, Counters counters) {
        this.hotSwap = hotSwap;
        this.log = log;
        this.listener = listener;
        this.counters = counters;
    }

    void onLameDuck(ServerConnection leaving) {
        if (leavingTold != leaving) {
            leavingTold = leaving;
            counters.lameDuckEvents.incrementAndGet();
            log.lameDuckDetected(leaving.url());
            listener.tell(l -> l.onLameDuckMode(leaving.url()));
        }
    }

    /** New traffic goes to that connection; if the other one was lost, so long after that. */
    void onMoved(Handover handover, ServerConnection next, long outageNs) {
        counters.lastSwapNs.set(handover.swapNs());
        if (handover.reason() == HandoverReason.LAME_DUCK) {
            onLameDuck(handover.leaving());
        }
        if (handover.isLeavingLost()) {
            reconnected = handover;
            counters.reconnects.incrementAndGet();
            counters.outages.record(outageNs);
            log.reconnected(next.url());
            listener.tell(l -> l.onReconnected(next.url()));
            return;
        }
        if (handover.reason() == HandoverReason.LAME_DUCK) {
            counters.hotSwapsCreated.incrementAndGet();
            counters.hotSwapCreationNs.set(handover.swapNs());
            counters.hotSwapCreations.record(handover.swapNs());
            log.hotSwapCreated(next.url(), handover.swapNs());
        }
        counters.handovers.incrementAndGet();
        counters.swaps.record(handover.swapNs());
        listener.tell(l -> l.onHandover(handover.leaving().url(), next.url()));
    }

    /** There is nothing to move to. */
    void onMoveFailed(Handover handover, String reason) {
        if (hotSwap && handover.reason() == HandoverReason.LAME_DUCK && failureTold != handover) {
            failureTold = handover;
            counters.hotSwapFailures.incrementAndGet();
            log.hotSwapFailed(reason);
        }
    }

    /** A handover has come to another state; {@code inTime}: not because it had waited long enough. */
    void onState(Handover handover, State state, boolean inTime) {
        if (handover.reason() != HandoverReason.LAME_DUCK || handover.isLeavingLost()) {
            return;
        }
        switch (state) {
            case RESUBSCRIBING -> log.cleanupStarted();
            case DRAINING -> log.drainStarted();
            case ANSWERING -> log.drainEnded(inTime);
            case FINISHING -> log.flushStarted();
            case RETIRED -> log.flushEnded(inTime);
            case AWAITING_STANDBY, JITTER, OVERLAPPING -> {}
        }
    }

    /** A handover is over. */
    void onRetired(Handover handover, HandoverReport report, boolean lameDuckMode) {
        counters.duplicatesDropped.addAndGet(report.duplicatesDropped());
        counters.ambiguous.addAndGet(report.ambiguous());
        counters.heldOverLimit.addAndGet(report.heldOverLimit());
        if (report.cost().firstRequestOverheadNs() != HandoverCost.UNKNOWN_NS) {
            counters.requestOverheads.record(Math.max(0, report.cost().firstRequestOverheadNs()));
        }
        if (report.reason() == HandoverReason.LAME_DUCK) {
            counters.recoveries.record(report.totalNs());
            (report.isWithoutLoss() ? counters.zeroDowntimeAchievements : counters.zeroDowntimeFailures)
                    .incrementAndGet();
            log.lameDuckComplete(report, !lameDuckMode, reconnected == handover);
        }
        forget(handover);
        log.handoverComplete(report);
        listener.tell(l -> l.onHandoverComplete(report));
    }

    /** Connections that are gone are not kept for the sake of what was said of them. */
    private void forget(Handover handover) {
        leavingTold = leavingTold == handover.leaving() ? null : leavingTold;
        failureTold = failureTold == handover ? null : failureTold;
        reconnected = reconnected == handover ? null : reconnected;
    }
}
