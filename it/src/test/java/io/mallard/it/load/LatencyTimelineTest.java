package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mallard.it.load.LatencyTimeline.Sample;
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

        Sample window = timeline.window(0, 3);

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

        Sample window = timeline.window(1, 2);

        assertThat(window.count()).isEqualTo(10);
        assertThat(window.maxMs()).isCloseTo(1, within(DIGITS));
        assertThat(timeline.worstMs(1, 2)).isCloseTo(1, within(DIGITS));
    }

    @Test
    void findsNothingInAnEmptyWindow() {
        assertThat(timeline.window(0, 1)).isEqualTo(new Sample(1, 0, 0, 0, 0));
    }

    private void tick(int endsAtSeconds, int count, long latencyMs) {
        for (int i = 0; i < count; i++) {
            timeline.record(TimeUnit.MILLISECONDS.toNanos(latencyMs));
        }
        timeline.tick(TimeUnit.SECONDS.toNanos(endsAtSeconds));
    }
}
