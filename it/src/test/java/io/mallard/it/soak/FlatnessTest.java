package io.mallard.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FlatnessTest {
    @Test
    void leavesOutTheWarmUp() {
        Flatness flatness = Flatness.of(samples(3600, 720, at -> at < 600 ? at : 600));

        assertThat(flatness.judgedFromSeconds()).isEqualTo(600);
        assertThat(flatness.broken()).isEmpty();
        assertThat(flatness.line()).isEqualTo("process=flat growing=0/1");
    }

    @Test
    void saysWhatGrowsBehindIt() {
        Flatness flatness = Flatness.of(samples(3600, 720, at -> 50 + Math.floor(at / 100)));

        assertThat(flatness.broken())
                .containsExactly("the process grows, all threads: from 59.00 to 82.00, the trend is 29.95,"
                        + " allowed are 1.00 more");
        assertThat(flatness.line()).isEqualTo("process=growing growing=1/1");
    }

    @Test
    void doesNotJudgeARunThatIsTooShort() {
        assertThat(Flatness.of(samples(119, 480, at -> at)).line()).isEqualTo("process=not-judged");
        assertThat(Flatness.of(samples(3600, 40, at -> at)).broken()).isEmpty();
        assertThat(Flatness.of(List.of()).isJudged()).isFalse();
    }

    private static List<ProcessFigures> samples(double seconds, int count, DoubleUnaryOperator threads) {
        return IntStream.range(0, count)
                .mapToDouble(i -> seconds * i / (count - 1))
                .mapToObj(at -> new ProcessFigures(at, Map.of(Gauge.THREADS, threads.applyAsDouble(at))))
                .toList();
    }
}
