package io.mallard.benchmarks.compare;

import static io.mallard.benchmarks.compare.Figure.THROUGHPUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.benchmarks.compare.Question.Pair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonSectionTest {
    private final Question question = new Question(
            "publish 128",
            Object.class,
            List.of(THROUGHPUT),
            List.of(
                    new Contestant("mallard", Bench.Kind.JMH, Map.of()),
                    new Contestant("raw", Bench.Kind.JMH, Map.of())),
            List.of(new Pair("mallard", "raw", THROUGHPUT)));

    @Test
    void showsEveryRoundItsMedianAndTheRatios() {
        Measurements measurements = new Measurements();
        for (double value : new double[] {900e3, 1.2e6, 1e6}) {
            measurements.add("publish 128", "mallard", Map.of(THROUGHPUT, value));
            measurements.add("publish 128", "raw", Map.of(THROUGHPUT, 2e6));
        }

        ComparisonSection section =
                new ComparisonSection(Theme.CLIENTS, List.of(question), 3, measurements, "not measured");

        assertThat(section.table(question).rows())
                .containsExactly(
                        List.of("mallard, per second", "900.0 k", "1.20 M", "1.00 M", "1.00 M", "900.0 k to 1.20 M"),
                        List.of("raw, per second", "2.00 M", "2.00 M", "2.00 M", "2.00 M", "2.00 M to 2.00 M"),
                        List.of("mallard ÷ raw, per second", "0.45", "0.60", "0.50", "0.50", "0.45 to 0.60"));
        assertThat(section.goals().rows())
                .contains(
                        List.of("publish 128 B, share of raw", "≥ 0.90", "≥ 0.95", "0.50", "0.45 to 0.60", "no", "no"));
    }
}
