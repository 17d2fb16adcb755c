package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.route.CircuitBreaker.State;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private static final long NOW_NS = 5_000_000;
    private static final long PAUSE_NS = 1_000;

    private final CircuitBreaker breaker = new CircuitBreaker(3, PAUSE_NS);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.onFailure(NOW_NS);
        }
    }

    @Test
    void opensAfterSoManyFailuresInARow() {
        fail(2);
        assertThat(breaker.state(NOW_NS)).isEqualTo(State.CLOSED);
        assertThat(breaker.pauseNs(NOW_NS)).isZero();

        fail(1);

        assertThat(breaker.state(NOW_NS)).isEqualTo(State.OPEN);
        assertThat(breaker.pauseNs(NOW_NS)).isEqualTo(PAUSE_NS);
    }

    @Test
    void aSuccessBeginsTheCountAnew() {
        fail(2);
        breaker.onSuccess();
        fail(2);

        assertThat(breaker.state(NOW_NS)).isEqualTo(State.CLOSED);
    }

    @Test
    void isHalfOpenOnceThePauseIsOver() {
        fail(3);

        assertThat(breaker.state(NOW_NS + PAUSE_NS - 1)).isEqualTo(State.OPEN);
        assertThat(breaker.pauseNs(NOW_NS + PAUSE_NS - 1)).isEqualTo(1);
        assertThat(breaker.state(NOW_NS + PAUSE_NS)).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.pauseNs(NOW_NS + PAUSE_NS)).isZero();
    }

    @Test
    void oneFailureOfATrialOpensItAgainForAWholePause() {
        fail(3);
        breaker.onFailure(NOW_NS + PAUSE_NS);

        assertThat(breaker.pauseNs(NOW_NS + PAUSE_NS)).isEqualTo(PAUSE_NS);
    }

    @Test
    void aSuccessOfATrialClosesIt() {
        fail(30);
        breaker.onSuccess();

        assertThat(breaker.state(NOW_NS)).isEqualTo(State.CLOSED);
        fail(2);
        assertThat(breaker.state(NOW_NS)).isEqualTo(State.CLOSED);
    }
}
