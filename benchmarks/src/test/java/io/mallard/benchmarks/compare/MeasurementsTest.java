package io.mallard.benchmarks.compare;

import static io.mallard.benchmarks.compare.Figure.BYTES;
import static io.mallard.benchmarks.compare.Figure.THROUGHPUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.benchmarks.compare.Question.Pair;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
    private final Measurements measurements = new Measurements();

    @Test
    void aRatioIsThatOfOneRound() {
        measure("ours", 90, 40);
        measure("raw", 100, 80);

        assertThat(measurements.ratios("publish", new Pair("ours", "raw", THROUGHPUT)))
                .containsExactly(0.9, 0.5);
    }

    @Test
    void whatWasNotMeasuredHasNoRatio() {
        measure("ours", 90, 40);

        assertThat(measurements.ratios("publish", new Pair("ours", "raw", THROUGHPUT)))
                .isEmpty();
        assertThat(measurements.ratios("publish", new Pair("ours", "ours", BYTES)))
                .isEmpty();
        assertThat(measurements.of("another", "ours", THROUGHPUT)).isEmpty();
    }

    private void measure(String contestant, double... rounds) {
        for (double value : rounds) {
            measurements.add("publish", contestant, Map.of(THROUGHPUT, value));
        }
    }
}
