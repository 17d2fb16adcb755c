package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Timelines;
import io.mallard.it.run.SwapCost.Measure;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SwapCostTest {
    private static final double DIGITS = 0.01;

    private final Timelines timelines = Timelines.startingAt(0);

    @Test
    void comparesTheSecondBehindTheSignalWithTheCalmOne() {
        second(1, timelines.requests(), 1, 1);
        second(2, timelines.requests(), 4, 9);
        second(3, timelines.requests(), 1, 1);
        second(4, timelines.requests(), 3, 5);

        SwapCost cost = SwapCost.of(List.of(episode(1, true, OptionalDouble.of(3))), timelines);

        // 98 of 100 are fast: the 99th percentile is the lower one of the two that are not.
        assertThat(p50(cost, "request, p99, ms added")).isCloseTo(4 - 3, within(DIGITS));
        assertThat(p50(cost, "request, worst, ms added")).isCloseTo(9 - 5, within(DIGITS));
    }

    @Test
    void measuresEveryKindOfLoad() {
        SwapCost cost = SwapCost.of(List.of(episode(1, true, OptionalDouble.of(3))), timelines);

        assertThat(cost.measures().stream().map(Measure::name))
                .containsExactly(
                        "request, p95, ms added",
                        "request, p99, ms added",
                        "request, worst, ms added",
                        "publish to delivery, p95, ms added",
                        "publish to delivery, p99, ms added",
                        "publish to delivery, worst, ms added",
                        "sent to received, p95, ms added",
                        "sent to received, p99, ms added",
                        "sent to received, worst, ms added");
    }

    @Test
    void leavesOutAnEpisodeWithoutASwapOrWithoutAPair() {
        assertThat(SwapCost.of(
                                List.of(
                                        episode(1, false, OptionalDouble.of(3)),
                                        episode(1, true, OptionalDouble.empty())),
                                timelines)
                        .measures())
                .isEmpty();
    }

    @Test
    void takesTheClientsWordForTheSwapItself() {
        Episode quick = episode(1, true, OptionalDouble.empty(), OptionalLong.of(40_000));
        Episode slow = episode(5, true, OptionalDouble.empty(), OptionalLong.of(60_000));

        SwapCost cost = SwapCost.of(List.of(quick, slow), timelines);

        assertThat(p50(cost, "latch to route store, as the client says, µs")).isEqualTo(50);
    }

    @Test
    void tellsWhatIsAddedToThe95thPercentileOfTheRequests() {
        for (int i = 0; i < 10; i++) {
            timelines.requests().record(TimeUnit.MILLISECONDS.toNanos(7));
        }
        second(2, timelines.requests(), 9, 9);
        for (int i = 0; i < 10; i++) {
            timelines.requests().record(TimeUnit.MILLISECONDS.toNanos(5));
        }
        second(4, timelines.requests(), 5, 5);

        SwapCost cost = SwapCost.of(List.of(episode(1, true, OptionalDouble.of(3))), timelines);

        assertThat(cost.requestP95Added().orElseThrow().p50()).isCloseTo(7 - 5, within(DIGITS));
    }

    @Test
    void addsNothingThatCouldBeNamedWithoutAPair() {
        assertThat(SwapCost.of(List.of(), timelines).requestP95Added()).isEmpty();
    }

    private static double p50(SwapCost cost, String name) {
        return cost.measures().stream()
                .filter(measure -> measure.name().equals(name))
                .findFirst()
                .orElseThrow()
                .spread()
                .p50();
    }

    /** A second with 98 fast latencies and two others. */
    private static void second(int endsAt, LatencyTimeline timeline, long slowMs, long worstMs) {
        for (int i = 0; i < 98; i++) {
            timeline.record(TimeUnit.MICROSECONDS.toNanos(100));
        }
        timeline.record(TimeUnit.MILLISECONDS.toNanos(slowMs));
        timeline.record(TimeUnit.MILLISECONDS.toNanos(worstMs));
        timeline.tick(TimeUnit.SECONDS.toNanos(endsAt));
    }

    private static Episode episode(double signalledAt, boolean moved, OptionalDouble calmAt) {
        return episode(signalledAt, moved, calmAt, OptionalLong.empty());
    }

    private static Episode episode(double signalledAt, boolean moved, OptionalDouble calmAt, OptionalLong swapNs) {
        Mark mark = new Mark(signalledAt, 0, 0, new Position(List.of()), new Position(List.of()));
        return new Episode(
                "n1", "n2", moved, signalledAt, signalledAt + 2, signalledAt + 3, calmAt, 11, 20, swapNs, mark, mark);
    }
}
