package io.mallard.it.sizing;

import java.time.Duration;
import java.util.List;

/**
 * What the measurement has shown.
 *
 * <p>Threading: immutable.
 *
 * @param clients that were connected at a time
 * @param perClient what one client costs, by the number of its standbys, from 0
 * @param pings that one standby has sent within {@code pingsWatched}
 */
record SizingResult(int clients, List<Footprint> perClient, long pings, Duration pingsWatched, String serverVersion) {
    /** What one standby costs: the difference to a client without, by the number of standbys that share it. */
    Footprint perStandby() {
        int standbys = perClient.size() - 1;
        return perClient.get(standbys).minus(perClient.get(0)).dividedBy(standbys);
    }
}
