package io.mallard.benchmarks.compare;

import static io.mallard.benchmarks.compare.Goal.Bound.atLeast;
import static io.mallard.benchmarks.compare.Goal.Bound.atMost;
import static io.mallard.benchmarks.compare.Questions.DELIVER;
import static io.mallard.benchmarks.compare.Questions.JNATS;
import static io.mallard.benchmarks.compare.Questions.MALLARD;
import static io.mallard.benchmarks.compare.Questions.MALLARD_OWN;
import static io.mallard.benchmarks.compare.Questions.NATS_C;
import static io.mallard.benchmarks.compare.Questions.PUBLISH;
import static io.mallard.benchmarks.compare.Questions.RAW;
import static io.mallard.benchmarks.compare.Questions.REQUEST;
import static io.mallard.benchmarks.compare.Questions.REQUESTS;

import io.mallard.benchmarks.compare.Goal.Bound;
import io.mallard.benchmarks.compare.Question.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * What Mallard is to reach.
 *
 * <p>Threading: stateless.
 */
final class Goals {
    private static final String RATIO = "%.2f";
    private static final String BYTES = "%.0f B";
    /** Rounds to 0: what a batch allocates as a whole, and JMH, is divided by its messages, too. */
    private static final Bound NOTHING = atMost(0.49);

    private static final int PAYLOAD_BYTES = 128;

    private Goals() {}

    static List<Goal> of(Measurements measurements) {
        List<Goal> goals = new ArrayList<>();
        for (String size : Questions.SIZES) {
            String publish = PUBLISH.formatted(size);
            goals.add(bytes(measurements, publish, MALLARD, NOTHING, "publish " + size + " B, allocated"));
            goals.add(ratio(
                    "publish " + size + " B, share of raw",
                    atLeast(0.9),
                    atLeast(0.95),
                    measurements.ratios(publish, new Pair(MALLARD, RAW, Figure.THROUGHPUT))));
            goals.add(ratio(
                    "publish " + size + " B, times nats.c",
                    atLeast(1),
                    atLeast(1),
                    measurements.ratios(publish, new Pair(MALLARD, NATS_C, Figure.THROUGHPUT))));
        }
        goals.add(ratio(
                "publish 128 B, CPU, share of jnats",
                atMost(0.25),
                atMost(0.15),
                measurements.ratios(PUBLISH.formatted("128"), new Pair(MALLARD, JNATS, Figure.CPU_NS))));
        goals.add(bytes(
                measurements, DELIVER, MALLARD, atMost(PAYLOAD_BYTES + 64), "publish and deliver 128 B, allocated"));
        goals.add(ratio(
                "publish and deliver 128 B, share of raw",
                atLeast(0.85),
                atLeast(0.95),
                measurements.ratios(DELIVER, new Pair(MALLARD, RAW, Figure.THROUGHPUT))));
        goals.add(ratio(
                "publish and deliver 128 B, CPU, share of jnats",
                atMost(0.35),
                atMost(0.25),
                measurements.ratios(DELIVER, new Pair(MALLARD, JNATS, Figure.CPU_NS))));
        goals.add(ratio(
                "256 requests in flight, raw responder, share of raw",
                atLeast(0.5),
                atLeast(0.7),
                measurements.ratios(REQUESTS, new Pair(MALLARD, RAW, Figure.THROUGHPUT))));
        goals.add(ratio(
                "256 requests in flight, own responder, share of raw",
                atLeast(0.5),
                atLeast(0.7),
                measurements.ratios(REQUESTS, new Pair(MALLARD_OWN, RAW, Figure.THROUGHPUT))));
        // Raw sockets allocate nothing: what is counted there is JMH's, which keeps every sample.
        goals.add(new Goal(
                "request 16 B, both sides, allocated beyond raw",
                atMost(400),
                atMost(400),
                BYTES,
                measurements.differences(REQUEST, new Pair(MALLARD_OWN, RAW, Figure.BYTES))));
        goals.add(ratio(
                "request p50, raw responder, times the floor",
                atMost(1.2),
                atMost(1.1),
                measurements.ratios(REQUEST, new Pair(MALLARD, RAW, Figure.P50_US))));
        goals.add(ratio(
                "request p50, own responder, times the floor",
                atMost(1.4),
                atMost(1.2),
                measurements.ratios(REQUEST, new Pair(MALLARD_OWN, RAW, Figure.P50_US))));
        goals.add(ratio(
                "request p99, raw responder, times the floor",
                atMost(1.5),
                atMost(1.2),
                measurements.ratios(REQUEST, new Pair(MALLARD, RAW, Figure.P99_US))));
        return goals;
    }

    private static Goal ratio(String name, Bound must, Bound stretch, List<Double> rounds) {
        return new Goal(name, must, stretch, RATIO, rounds);
    }

    private static Goal bytes(Measurements measurements, String question, String client, Bound must, String name) {
        return new Goal(name, must, must, BYTES, measurements.of(question, client, Figure.BYTES));
    }
}
