package io.mallard.it.run;

import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Percentiles;
import io.mallard.it.load.Timelines;
import java.util.List;

/**
 * How long everything of a run took, in its calm time, under a lame duck, and over all of it.
 *
 * <p>Threading: immutable.
 *
 * @param requests from the intended start to the answer
 * @param deliveries from publish to each of the judge's receivers
 * @param receives from a sender of the judge to the client's handler
 */
public record Latencies(Split requests, Split deliveries, Split receives) {
    /** One kind of latency. */
    public record Split(Percentiles calm, Percentiles lameDuck, Percentiles whole) {
        private static Split of(LatencyTimeline timeline, Times times) {
            return new Split(
                    timeline.within(times.calm()),
                    timeline.within(times.lameDuck()),
                    timeline.within(List.of(times.whole())));
        }
    }

    static Latencies of(Timelines timelines, Times times) {
        return new Latencies(
                Split.of(timelines.requests(), times),
                Split.of(timelines.deliveries(), times),
                Split.of(timelines.receives(), times));
    }
}
