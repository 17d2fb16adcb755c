package io.mallard.internal.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private final Backoff backoff = new Backoff(100, 5_000, 1);

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 200", "2, 400", "5, 3200", "6, 5000", "31, 5000", "64, 5000", "2147483647, 5000"})
    void doublesItsBoundUpToTheLongestWait(int round, long bound) {
        assertThat(backoff.delayNs(round, 0)).isZero();
        assertThat(backoff.delayNs(round, 0.5)).isEqualTo(bound / 2);
        assertThat(backoff.delayNs(round, Math.nextDown(1.0))).isBetween(bound - 1, bound);
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 200", "6, 5000"})
    void waitsTheWholeTimeWithoutJitter(int round, long bound) {
        Backoff exact = new Backoff(100, 5_000, 0);

        assertThat(exact.delayNs(round, 0)).isEqualTo(bound);
        assertThat(exact.delayNs(round, 0.7)).isEqualTo(bound);
    }

    @Test
    void makesAsMuchOfAWaitRandomAsItIsTold() {
        Backoff third = new Backoff(150, 150, 1.0 / 3);

        assertThat(third.delayNs(0, 0)).isBetween(99L, 100L);
        assertThat(third.delayNs(9, 0.5)).isBetween(124L, 125L);
        assertThat(third.delayNs(9, Math.nextDown(1.0))).isBetween(149L, 150L);
    }
}
