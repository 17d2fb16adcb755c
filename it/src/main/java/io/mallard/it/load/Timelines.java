package io.mallard.it.load;

/**
 * How long everything of a run took, over its time.
 *
 * <p>Threading: as {@link LatencyTimeline}.
 *
 * @param requests from the intended start to the answer
 * @param deliveries from publish to each of the judge's receivers
 * @param receives from a sender of the judge to the client's handler
 */
public record Timelines(LatencyTimeline requests, LatencyTimeline deliveries, LatencyTimeline receives)
        implements AutoCloseable {
    public static Timelines startingAt(long startNs) {
        return new Timelines(new LatencyTimeline(startNs), new LatencyTimeline(startNs), new LatencyTimeline(startNs));
    }

    @Override
    public void close() {
        requests.close();
        deliveries.close();
        receives.close();
    }
}
