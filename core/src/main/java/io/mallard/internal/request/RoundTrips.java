package io.mallard.internal.request;

import io.mallard.HandoverCost;

/**
 * How long replies take, so that a handover can tell what it has cost: the mean of the replies before the latest swap,
 * and those to requests made since.
 *
 * <p>Threading: owned by the event loop.
 */
public final class RoundTrips {
    /** A reply counts for a hundredth of the mean: a second or less of what clients are kept for. */
    private static final double WEIGHT = 0.01;

    private static final long UNKNOWN_NS = HandoverCost.UNKNOWN_NS;

    private double meanNs;
    private boolean any;

    private double meanBeforeNs;
    private boolean anyBefore;
    private long swapNs;
    private long count;
    private long firstNs;
    private long sumNs;

    /** A reply to a request that was sent at once has come. */
    void onReply(long sentNs, long nowNs) {
        long tookNs = nowNs - sentNs;
        meanNs = any ? meanNs + WEIGHT * (tookNs - meanNs) : tookNs;
        any = true;
        if (sentNs - swapNs >= 0) {
            if (count++ == 0) {
                firstNs = tookNs;
            }
            sumNs += tookNs;
        }
    }

    /** New requests go to another server from now on. */
    public void onSwap(long nowNs) {
        meanBeforeNs = meanNs;
        anyBefore = any;
        swapNs = nowNs;
        count = 0;
        sumNs = 0;
    }

    /** Replies to requests made since the swap. */
    public long count() {
        return count;
    }

    /** By how much the first of them took longer than the mean before, which may be negative; or {@link HandoverCost#UNKNOWN_NS}. */
    public long firstOverheadNs() {
        return count > 0 && anyBefore ? firstNs - (long) meanBeforeNs : UNKNOWN_NS;
    }

    /** The same of all of them. */
    public long meanOverheadNs() {
        return count > 0 && anyBefore ? sumNs / count - (long) meanBeforeNs : UNKNOWN_NS;
    }
}
