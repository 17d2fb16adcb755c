package io.mallard.internal.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineLimitTest {
    private static final long SECOND_NS = 1_000_000_000;

    private final LineLimit limit = new LineLimit();

    @Test
    void letsSoManyLinesOfASecondThroughAndThenSaysHowManyItLeftOut() {
        for (int i = 0; i < LineLimit.LINES_PER_SECOND; i++) {
            assertThat(limit.admit(i)).isZero();
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(limit.admit(SECOND_NS - 1)).isEqualTo(LineLimit.LEFT_OUT);
        }

        assertThat(limit.admit(SECOND_NS)).isEqualTo(1_000);
        assertThat(limit.admit(SECOND_NS)).isZero();
    }
}
