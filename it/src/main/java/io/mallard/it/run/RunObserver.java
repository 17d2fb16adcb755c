package io.mallard.it.run;

import io.mallard.it.load.LoadClient;

/**
 * Watches a run while it goes on.
 *
 * <p>Threading: called on the thread of the run and on its sampler's.
 */
public interface RunObserver {
    void onPhase(String phase);

    /** The client under load, before that begins. */
    default void onClient(LoadClient client) {}

    /** This share of the run is behind it. */
    default void onProgress(double done) {}

    void onSnapshot(Snapshot snapshot);

    /** An episode is over, as it is judged by what has been seen until now; the final judgement may find more. */
    default void onEpisode(int number, Episode.Judged judged) {}

    /**
     * Where a run stands. What is lost so far was sent a second ago or earlier, not refused, and not seen by everybody who should.
     *
     * @param atSeconds from the start of the load
     * @param recentMs the 99th percentile of the last sample's requests
     * @param worstMs of all requests behind the warm-up
     * @param sent to the client
     */
    record Snapshot(
            double atSeconds,
            long requestsOk,
            long requestsFailed,
            double recentMs,
            double worstMs,
            long published,
            long publishesLost,
            long sent,
            long receivesLost) {}
}
