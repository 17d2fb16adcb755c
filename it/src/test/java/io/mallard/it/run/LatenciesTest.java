package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Percentiles;
import io.mallard.it.load.Timelines;
import io.mallard.it.load.Window;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private final Timelines timelines = Timelines.startingAt(0);

    /** A warm-up, a calm second, one of a lame duck, and one of what else belongs to an episode. */
    private final Times times = new Times(
            new Window(1, 4), List.of(new Window(1, 2)), List.of(new Window(2, 3)), List.of(new Window(2, 4)));

    @Test
    void tellsCalmAndLameDuckApartAndLeavesTheWarmUpOut() {
        second(1, timelines.requests(), 500);
        second(2, timelines.requests(), 1);
        second(3, timelines.requests(), 8);
        second(4, timelines.requests(), 3);

        Latencies latencies = Latencies.of(timelines, times);

        assertSecond(latencies.requests().calm(), 1, 1);
        assertSecond(latencies.requests().lameDuck(), 1, 8);
        assertSecond(latencies.requests().whole(), 3, 8);
    }

    @Test
    void keepsTheThreeKindsApart() {
        second(3, timelines.requests(), 1);
        second(3, timelines.deliveries(), 2);
        second(3, timelines.receives(), 3);

        Latencies latencies = Latencies.of(timelines, times);

        assertSecond(latencies.requests().lameDuck(), 1, 1);
        assertSecond(latencies.deliveries().lameDuck(), 1, 2);
        assertSecond(latencies.receives().lameDuck(), 1, 3);
    }

    private static void assertSecond(Percentiles percentiles, long count, double worstMs) {
        assertThat(percentiles.count()).isEqualTo(count);
        assertThat(percentiles.maxMs()).isCloseTo(worstMs, within(0.01));
    }

    /** One latency in the second that ends here. */
    private static void second(int endsAt, LatencyTimeline timeline, long ms) {
        timeline.record(TimeUnit.MILLISECONDS.toNanos(ms));
        timeline.tick(TimeUnit.SECONDS.toNanos(endsAt));
    }
}
