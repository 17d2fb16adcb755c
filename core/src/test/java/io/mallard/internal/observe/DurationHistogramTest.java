package io.mallard.internal.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.DurationSummary;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DurationHistogramTest {
    private final DurationHistogram histogram = new DurationHistogram();

    @Test
    void hasNothingToSayOfNothing() {
        assertThat(histogram.summary()).isEqualTo(DurationSummary.NONE);
        assertThat(histogram.summary().meanNs()).isZero();
    }

    @Test
    void knowsCountTotalAndMaximumToTheNanosecond() {
        LongStream.of(5, 1_000_003, 17).forEach(histogram::record);

        DurationSummary summary = histogram.summary();
        assertThat(summary.count()).isEqualTo(3);
        assertThat(summary.totalNs()).isEqualTo(1_000_025);
        assertThat(summary.meanNs()).isEqualTo(333_341);
        assertThat(summary.maxNs()).isEqualTo(1_000_003);
        assertThat(summary.p99Ns()).isEqualTo(1_000_003);
        assertThat(summary.p50Ns()).isEqualTo(17);
    }

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aPercentileIsNeverLessThanTheTrueOneAndASixteenthMoreAtMost(long seed) {
        Random random = new Random(seed);
        long[] durations = new long[1 + random.nextInt(2_000)];
        for (int i = 0; i < durations.length; i++) {
            durations[i] = (long) Math.exp(random.nextDouble() * Math.log((double) TimeUnit.HOURS.toNanos(1)));
            histogram.record(durations[i]);
        }
        Arrays.sort(durations);

        DurationSummary summary = histogram.summary();

        assertClose(summary.p50Ns(), percentile(durations, 50));
        assertClose(summary.p95Ns(), percentile(durations, 95));
        assertClose(summary.p99Ns(), percentile(durations, 99));
        assertThat(summary.maxNs()).isEqualTo(durations[durations.length - 1]);
    }

    /** The smallest one that so many of a hundred do not exceed. */
    private static long percentile(long[] sorted, int percent) {
        return sorted[(sorted.length * percent + 99) / 100 - 1];
    }

    private static void assertClose(long actualNs, long trueNs) {
        assertThat(actualNs).isBetween(trueNs, trueNs + trueNs / 16);
    }

    @Test
    void takesWhatCannotBeForWhatItIsNearest() {
        histogram.record(-5);
        assertThat(histogram.summary().maxNs()).isZero();

        histogram.record(Long.MAX_VALUE / 2);

        DurationSummary summary = histogram.summary();
        assertThat(summary.count()).isEqualTo(2);
        assertThat(summary.maxNs()).isEqualTo(Long.MAX_VALUE / 2);
        assertThat(summary.p99Ns()).isGreaterThan(TimeUnit.HOURS.toNanos(1));
    }
}
