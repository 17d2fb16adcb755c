package io.mallard.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverCost;
import org.junit.jupiter.api.Test;

class RoundTripsTest {
    private final RoundTrips roundTrips = new RoundTrips();

    @Test
    void comparesRepliesSinceTheSwapWithTheMeanBefore() {
        for (long ns = 0; ns < 1_000; ns += 100) {
            roundTrips.onReply(ns, ns + 50);
        }
        roundTrips.onSwap(2_000);

        roundTrips.onReply(2_000, 2_090);
        roundTrips.onReply(2_100, 2_160);

        assertThat(roundTrips.count()).isEqualTo(2);
        assertThat(roundTrips.firstOverheadNs()).isEqualTo(40);
        assertThat(roundTrips.meanOverheadNs()).isEqualTo(25);
    }

    @Test
    void aReplyToWhatWasSentBeforeTheSwapIsNoneOfItsBusiness() {
        roundTrips.onReply(0, 50);
        roundTrips.onSwap(100);

        roundTrips.onReply(99, 500);

        assertThat(roundTrips.count()).isZero();
        assertThat(roundTrips.firstOverheadNs()).isEqualTo(HandoverCost.UNKNOWN_NS);
    }

    @Test
    void withoutRepliesBeforeThereIsNothingToCompareWith() {
        roundTrips.onSwap(100);

        roundTrips.onReply(100, 150);

        assertThat(roundTrips.count()).isEqualTo(1);
        assertThat(roundTrips.meanOverheadNs()).isEqualTo(HandoverCost.UNKNOWN_NS);
    }

    @Test
    void everySwapBeginsAnew() {
        roundTrips.onReply(0, 50);
        roundTrips.onSwap(100);
        roundTrips.onReply(100, 200);
        roundTrips.onSwap(300);

        roundTrips.onReply(300, 350);

        assertThat(roundTrips.count()).isEqualTo(1);
        assertThat(roundTrips.firstOverheadNs()).isBetween(-1L, 0L); // The mean has moved by half a nanosecond.
    }
}
