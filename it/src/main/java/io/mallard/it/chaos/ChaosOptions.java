package io.mallard.it.chaos;

import io.mallard.PublishReliability;
import java.time.Duration;

/**
 * What a chaos run is told.
 *
 * <p>Threading: immutable.
 *
 * @param serverVersion to begin with, as a prefix; empty for the oldest generation
 * @param reliability of what the client publishes
 * @param strict every fault is judged as if everything were promised: a control of the judge, which has to find something
 */
record ChaosOptions(
        Duration duration, long seed, String serverVersion, PublishReliability reliability, boolean strict) {
    static final Duration SHORTEST = Duration.ofSeconds(10);
    /** The history keeps every message. */
    static final Duration LONGEST = Duration.ofMinutes(30);

    ChaosOptions {
        if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("duration=" + duration.toSeconds() + "s, must be " + SHORTEST.toSeconds()
                    + "s to " + LONGEST.toMinutes() + "m");
        }
    }
}
