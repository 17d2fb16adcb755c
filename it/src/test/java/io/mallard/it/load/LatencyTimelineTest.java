package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatencyTimelineTest {
    private static final double DIGITS = 0.01;

    private final LatencyTimeline timeline = new LatencyTimeline(0);

    @Test
    void mergesTheTicksOfAWindowIntoOneDistribution() {
        tick(1, 100, 1);
        tick(2, 99, 2);
        tick(3, 1, 50);

        Percentiles window = timeline.within(List.of(new Window(0, 3)));

        assertThat(window.count()).isEqualTo(200);
        assertThat(window.p50Ms()).isCloseTo(1, within(DIGITS));
        assertThat(window.p99Ms())
                .as("no percentile of a tick, nor a mean of them")
                .isCloseTo(2, within(DIGITS));
        assertThat(window.maxMs()).isCloseTo(50, within(50 * DIGITS));
    }

    @Test
    void leavesOutWhatEndedBeforeOrBehindTheWindow() {
        tick(1, 10, 100);
        tick(2, 10, 1);
        tick(3, 10, 100);

        Percentiles window = timeline.within(List.of(new Window(1, 2)));

        assertThat(window.count()).isEqualTo(10);
        assertThat(window.maxMs()).isCloseTo(1, within(DIGITS));
        assertThat(timeline.worstMs(new Window(1, 2))).isCloseTo(1, within(DIGITS));
    }

    @Test
    void findsNothingInAnEmptyWindow() {
        assertThat(timeline.within(List.of(new Window(0, 1)))).isEqualTo(new Percentiles(0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void joinsWindowsThatAreApart() {
        tick(1, 10, 1);
        tick(2, 10, 100);
        tick(3, 10, 2);

        Percentiles joined = timeline.within(List.of(new Window(0, 1), new Window(2, 3)));

        assertThat(joined.count()).isEqualTo(20);
        assertThat(joined.maxMs()).isCloseTo(2, within(DIGITS));
    }

    @Test
    void tellsThePercentilesApart() {
        for (int ms = 1; ms <= 1000; ms++) {
            timeline.record(TimeUnit.MILLISECONDS.toNanos(ms));
        }

        Percentiles all = timeline.tick(0).latencies();

        assertThat(all.p50Ms()).isCloseTo(500, within(1.0));
        assertThat(all.p90Ms()).isCloseTo(900, within(1.0));
        assertThat(all.p95Ms()).isCloseTo(950, within(1.0));
        assertThat(all.p99Ms()).isCloseTo(990, within(1.0));
        assertThat(all.p999Ms()).isCloseTo(999, within(1.0));
        assertThat(all.maxMs()).isCloseTo(1000, within(1.0));
    }

    private void tick(int endsAtSeconds, int count, long latencyMs) {
        for (int i = 0; i < count; i++) {
            timeline.record(TimeUnit.MILLISECONDS.toNanos(latencyMs));
        }
        timeline.tick(TimeUnit.SECONDS.toNanos(endsAtSeconds));
    }
}
