package io.mallard.internal.observe;

import static io.mallard.internal.observe.RecentPeak.WINDOW_NS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentPeakTest {
    private final RecentPeak peak = new RecentPeak();

    /** The clock may begin anywhere, and pass its end. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MAX_VALUE - WINDOW_NS / 2, Long.MIN_VALUE, 1L << 40})
    void keepsTheHighestValueForAMinuteAtLeastAndTwoAtMost(long startNs) {
        assertThat(peak.value(startNs)).isZero();
        peak.record(7, startNs + 1);
        peak.record(3, startNs + 2);

        assertThat(peak.value(startNs + 2)).isEqualTo(7);
        assertThat(peak.value(startNs + WINDOW_NS)).isEqualTo(7);
        assertThat(peak.value(startNs + 2 * WINDOW_NS)).isZero();
    }

    @Test
    void aTimeFromBeforeTheOthersTakesNothingAway() {
        peak.record(7, WINDOW_NS);
        peak.record(3, WINDOW_NS - 1);

        assertThat(peak.value(WINDOW_NS)).isEqualTo(7);
    }

    @Test
    void forgetsAtOnceWhatIsLongAgo() {
        peak.record(7, WINDOW_NS);

        assertThat(peak.value(4 * WINDOW_NS)).isZero();
    }

    @Test
    void aHigherOneOfThisMinuteCountsMoreThanThatOfTheLast() {
        peak.record(7, WINDOW_NS);
        peak.record(9, 2 * WINDOW_NS);
        peak.record(8, 3 * WINDOW_NS);

        assertThat(peak.value(3 * WINDOW_NS)).isEqualTo(9);
        assertThat(peak.value(4 * WINDOW_NS)).isEqualTo(8);
    }
}
