package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MINUTE_NS = 60 * SECOND_NS;
    /** Anywhere, also where it overflows. */
    private static final long NOW_NS = Long.MAX_VALUE - SECOND_NS;

    private static Expiry in(long seconds, double share) {
        return Expiry.at(1_000 + seconds, 1_000_000, NOW_NS, MINUTE_NS, share);
    }

    @Test
    void isDueAShareOfTheTimeBeforeItsEnd() {
        Expiry expiry = in(3_600, 0.75);

        assertThat(expiry.endNs() - NOW_NS).isEqualTo(3_600 * SECOND_NS);
        assertThat(expiry.nsUntilDue(NOW_NS)).isEqualTo(3_555 * SECOND_NS);
        assertThat(expiry.isDue(NOW_NS + 3_555 * SECOND_NS - 1)).isFalse();
        assertThat(expiry.isDue(NOW_NS + 3_555 * SECOND_NS)).isTrue();
    }

    @Test
    void isDueInTheMiddleOfAShortTime() {
        assertThat(in(10, 1).nsUntilDue(NOW_NS)).isEqualTo(5 * SECOND_NS);
        assertThat(in(10, 0.5).nsUntilDue(NOW_NS)).isEqualTo(7_500_000_000L);
    }

    @Test
    void afterAnAttemptInVainItIsDueWhenHalfOfTheRestIsOverAndInTheEndNoMore() {
        Expiry expiry = in(120, 1);
        long nowNs = NOW_NS + 60 * SECOND_NS;
        int attempts = 0;
        while (expiry.isDue(nowNs)) {
            attempts++;
            expiry = expiry.later(nowNs);
            nowNs += expiry.nsUntilDue(nowNs);
        }

        assertThat(attempts).isBetween(5, 8);
        assertThat(nowNs - NOW_NS).isLessThanOrEqualTo(120 * SECOND_NS);
        assertThat(expiry.nsUntilDue(nowNs)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatHasExpiredIsNotRenewed() {
        Expiry expired = in(-5, 1);

        assertThat(expired.isDue(NOW_NS)).isFalse();
        assertThat(expired.nsUntilDue(NOW_NS)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theEndOfTimeIsFarAway() {
        assertThat(Expiry.at(Long.MAX_VALUE, 1_000_000, NOW_NS, MINUTE_NS, 1).nsUntilDue(NOW_NS))
                .isGreaterThan(TimeUnit.DAYS.toNanos(3_000));
    }
}
