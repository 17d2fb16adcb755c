package io.mallard.it.run;

/**
 * Watches a run while it goes on.
 *
 * <p>Threading: called on the thread of the run and on its sampler's.
 */
public interface RunObserver {
    void onPhase(String phase);

    void onSnapshot(Snapshot snapshot);

    /**
     * Where a run stands.
     *
     * @param recentMs the 99th percentile of the last sample's requests
     * @param worstMs of all requests behind the warm-up
     * @param lostSoFar offered to the client, and not refused, a second ago or earlier and not seen by every receiver
     */
    record Snapshot(
            long requestsOk, long requestsFailed, double recentMs, double worstMs, long published, long lostSoFar) {}
}
