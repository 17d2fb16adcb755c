package io.mallard.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
    private static final int SAMPLES = 600;
    private static final double SECONDS = 3000;
    private static final double MIB = 1 << 20;

    private final Random random = new Random(1);

    @Test
    void isFlatWhenNothingChangesButTheNoise() {
        assertThat(heap(at -> 20 * MIB + noise()).isFlat()).isTrue();
    }

    @Test
    void noticesASlowLeakBelowTheNoise() {
        Trend trend = heap(at -> 20 * MIB + noise() + 1.5 * MIB * at / SECONDS);

        assertThat(trend.isFlat()).isFalse();
        assertThat(trend.drift()).isBetween(1.3 * MIB, 1.7 * MIB);
    }

    @Test
    void noticesAStep() {
        Trend trend = heap(at -> 20 * MIB + noise() + (at > 0.8 * SECONDS ? 3 * MIB : 0));

        assertThat(trend.isFlat()).isFalse();
        assertThat(trend.step()).isBetween(2.3 * MIB, 3.7 * MIB);
    }

    @Test
    void noticesALeakOfAThreadEveryTwentyMinutes() {
        assertThat(trend(Gauge.CLIENT_THREADS, at -> 5 + Math.floor(at / 1200)).isFlat())
                .isFalse();
    }

    @Test
    void toleratesASawtooth() {
        assertThat(heap(at -> 20 * MIB + 8 * MIB * (at % 97 / 97)).isFlat()).isTrue();
    }

    @Test
    void noticesASawtoothThatClimbs() {
        assertThat(heap(at -> 20 * MIB + 8 * MIB * (at % 97 / 97) + 3 * MIB * at / SECONDS)
                        .isFlat())
                .isFalse();
    }

    @Test
    void toleratesSamplesThatAreFarOff() {
        assertThat(heap(at -> 20 * MIB + noise() + (random.nextInt(10) == 0 ? 500 * MIB : 0))
                        .isFlat())
                .isTrue();
    }

    @Test
    void toleratesWhatFalls() {
        assertThat(heap(at -> 20 * MIB - 5 * MIB * at / SECONDS).isFlat()).isTrue();
    }

    @Test
    void allowsMoreToWhoHasMore() {
        DoubleUnaryOperator growing = at -> 100 * MIB + 2 * MIB * at / SECONDS;

        assertThat(heap(growing).isFlat()).isTrue();
        assertThat(heap(at -> growing.applyAsDouble(at) - 80 * MIB).isFlat()).isFalse();
    }

    @Test
    void saysInNumbersWhatGrows() {
        assertThat(heap(at -> 20 * MIB + 4 * MIB * at / SECONDS).text())
                .isEqualTo("live heap, MiB: from 20.50 to 23.50, the trend is 4.00, allowed are 1.00 more");
    }

    private double noise() {
        return random.nextDouble(2 * MIB) - MIB;
    }

    private static Trend heap(DoubleUnaryOperator value) {
        return trend(Gauge.LIVE_HEAP, value);
    }

    private static Trend trend(Gauge gauge, DoubleUnaryOperator value) {
        double[] at = IntStream.range(0, SAMPLES)
                .mapToDouble(i -> SECONDS * i / (SAMPLES - 1))
                .toArray();
        return Trend.of(gauge, at, DoubleStream.of(at).map(value).toArray());
    }
}
