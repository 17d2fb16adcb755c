package io.mallard.it.run;

import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Percentiles;
import io.mallard.it.load.Timelines;
import io.mallard.it.load.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * What a swap costs the load: the second behind the lame-duck signal against a calm second of the same episode, in which the client
 * has settled on its new server, the old one is still up, and the judge does the same things. What the judge itself costs is in
 * both. The client makes its next standby at a random moment of the two seconds behind the swap, so that falls into either.
 *
 * <p>Threading: immutable.
 *
 * @param measures those there are values for
 */
public record SwapCost(List<Measure> measures) {
    static final double WINDOW_SECONDS = 1;

    private static final String REQUEST = "request";
    private static final String P95_ADDED = ", p95, ms added";

    /** One line of the result, over the episodes; its name ends with the unit. */
    public record Measure(String name, Spread spread) {}

    /** An episode without a move or without a calm second tells nothing of the latencies. */
    static SwapCost of(List<Episode> episodes, Timelines timelines) {
        List<Measure> measures = new ArrayList<>();
        add(
                measures,
                "latch to route store, as the client says, µs",
                episodes.stream()
                        .filter(episode -> episode.swapNs().isPresent())
                        .mapToDouble(episode -> episode.swapNs().getAsLong() / 1e3));
        List<Episode> paired = episodes.stream()
                .filter(episode -> episode.moved() && episode.calmAtSeconds().isPresent())
                .toList();
        addLatencies(measures, REQUEST, paired, timelines.requests());
        addLatencies(measures, "publish to delivery", paired, timelines.deliveries());
        addLatencies(measures, "sent to received", paired, timelines.receives());
        return new SwapCost(List.copyOf(measures));
    }

    /** What is added to the 95th percentile of the requests; empty without a pair of seconds. */
    public Optional<Spread> requestP95Added() {
        return measures.stream()
                .filter(measure -> measure.name().equals(REQUEST + P95_ADDED))
                .map(Measure::spread)
                .findFirst();
    }

    private static void addLatencies(
            List<Measure> measures, String what, List<Episode> episodes, LatencyTimeline timeline) {
        add(measures, what + P95_ADDED, added(episodes, timeline, Percentiles::p95Ms));
        add(measures, what + ", p99, ms added", added(episodes, timeline, Percentiles::p99Ms));
        add(measures, what + ", worst, ms added", added(episodes, timeline, Percentiles::maxMs));
    }

    private static DoubleStream added(
            List<Episode> episodes, LatencyTimeline timeline, ToDoubleFunction<Percentiles> figure) {
        return episodes.stream().mapToDouble(episode -> {
            Percentiles with = secondFrom(episode.lameDuckAtSeconds(), timeline);
            Percentiles without = secondFrom(episode.calmAtSeconds().orElseThrow(), timeline);
            return figure.applyAsDouble(with) - figure.applyAsDouble(without);
        });
    }

    private static Percentiles secondFrom(double beganSeconds, LatencyTimeline timeline) {
        return timeline.within(List.of(new Window(beganSeconds, beganSeconds + WINDOW_SECONDS)));
    }

    private static void add(List<Measure> measures, String name, DoubleStream values) {
        double[] all = values.toArray();
        if (all.length > 0) {
            measures.add(new Measure(name, Spread.of(DoubleStream.of(all))));
        }
    }
}
