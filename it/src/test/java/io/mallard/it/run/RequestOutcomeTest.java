package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestOutcomeTest {
    private static final List<Window> LAME_DUCKS = List.of(new Window(10, 12), new Window(20, 21));
    private static final int PER_SECOND = 100;

    @Test
    void hasEveryRequestThatWasDue() {
        assertThat(RequestOutcome.answered(LAME_DUCKS, PER_SECOND, List.of(), 0))
                .isEqualTo(new Share(300, 300));
    }

    @Test
    void blamesALameDuckForARequestThatWasDueInItAndFailedLater() {
        List<FailedRequest> failures = List.of(new FailedRequest(13.5, 2000));

        assertThat(RequestOutcome.answered(LAME_DUCKS, PER_SECOND, failures, 1)).isEqualTo(new Share(299, 300));
    }

    @Test
    void doesNotBlameItForARequestThatWasDueBefore() {
        List<FailedRequest> failures = List.of(new FailedRequest(10.5, 2000));

        assertThat(RequestOutcome.answered(LAME_DUCKS, PER_SECOND, failures, 1)).isEqualTo(new Share(300, 300));
    }

    @Test
    void blamesItForAFailureOfWhichNothingElseIsKnown() {
        List<FailedRequest> failures = List.of(new FailedRequest(1, 2000));

        assertThat(RequestOutcome.answered(LAME_DUCKS, PER_SECOND, failures, 6)).isEqualTo(new Share(295, 300));
    }

    @Test
    void doesNotCountMoreFailuresThanRequests() {
        assertThat(RequestOutcome.answered(LAME_DUCKS, PER_SECOND, List.of(), 1000))
                .isEqualTo(new Share(0, 300));
    }
}
