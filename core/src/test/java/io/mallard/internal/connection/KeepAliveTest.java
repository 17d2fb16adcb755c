package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final long INTERVAL_NS = 100;
    private static final long START_NS = -150;

    private final KeepAlive keepAlive = new KeepAlive(INTERVAL_NS, 2, START_NS);

    @Test
    void isDueOneIntervalAfterTheStartAndAfterEveryPing() {
        assertThat(keepAlive.isDue(START_NS + 99)).isFalse();
        assertThat(keepAlive.nsUntilDue(START_NS + 99)).isEqualTo(1);
        assertThat(keepAlive.isDue(START_NS + 100)).isTrue();

        keepAlive.onSent(START_NS + 130);
        assertThat(keepAlive.isDue(START_NS + 229)).isFalse();
        assertThat(keepAlive.isDue(START_NS + 230)).isTrue();
    }

    @Test
    void givesUpWhenAsManyPingsAsAllowedAreUnanswered() {
        keepAlive.onSent(START_NS);
        assertThat(keepAlive.isStale()).isFalse();
        keepAlive.onSent(START_NS);
        assertThat(keepAlive.isStale()).isTrue();
        assertThat(keepAlive.unanswered()).isEqualTo(2);
    }

    @Test
    void onePongAnswersAllPingsBeforeIt() {
        keepAlive.onSent(START_NS);
        keepAlive.onSent(START_NS);
        keepAlive.onAnswered();

        assertThat(keepAlive.isStale()).isFalse();
        assertThat(keepAlive.unanswered()).isZero();
    }
}
