package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.route.CircuitBreaker.State;
import org.junit.jupiter.api.Test;

/** Rounds that fail again and again while there is a connection to use. */
class StandbyBreakerTest extends StandbyPoolScene {
    private static final int FAILURES = 3;
    /** The waits between the first rounds. */
    private static final long FIRST_NS = 100;

    private static final long SECOND_NS = 200;
    private static final long THIRD_NS = 400;

    private void pausingPool() {
        breakerFailures = FAILURES;
        pool = pool();
    }

    private void open() {
        failARound();
        failARoundAfter(FIRST_NS);
        failARoundAfter(SECOND_NS);
        dialer.takeDialled();
    }

    @Test
    void pausesAfterSoManyFailedRoundsAndABackoffMore() {
        pausingPool();
        carryOnA();

        assertThat(failARound()).isBetween(FIRST_NS - 2, FIRST_NS);
        assertThat(failARoundAfter(FIRST_NS)).isBetween(SECOND_NS - 2, SECOND_NS);
        assertThat(pool.breakerState(nowNs)).isEqualTo(State.CLOSED);
        assertThat(failARoundAfter(SECOND_NS)).isBetween(PAUSE_NS + THIRD_NS - 2, PAUSE_NS + THIRD_NS);

        assertThat(pool.breakerState(nowNs)).isEqualTo(State.OPEN);
    }

    @Test
    void makesOneRoundAfterThePauseAndPausesAgain() {
        pausingPool();
        carryOnA();
        open();

        nowNs += PAUSE_NS + THIRD_NS;
        assertThat(pool.breakerState(nowNs)).isEqualTo(State.HALF_OPEN);
        assertThat(failARound()).isGreaterThan(PAUSE_NS);

        assertThat(dialer.takeDialled()).containsExactly(B, C);
        assertThat(pool.breakerState(nowNs)).isEqualTo(State.OPEN);
    }

    @Test
    void aStandbyEndsThePauses() {
        pausingPool();
        carryOnA();
        open();
        nowNs += PAUSE_NS + THIRD_NS;

        connectNext("2");

        assertThat(pool.breakerState(nowNs)).isEqualTo(State.CLOSED);
    }

    @Test
    void aRoundWithoutACandidateIsNoFailure() {
        breakerFailures = 1;
        pool = pool();
        carryOnA();
        servers.onLameDuck(B, "2", nowNs);
        servers.onLameDuck(C, "3", nowNs);

        assertThat(failARound()).isBetween(FIRST_NS - 2, FIRST_NS);

        assertThat(pool.breakerState(nowNs)).isEqualTo(State.CLOSED);
    }

    @Test
    void trafficWithoutAConnectionKnowsNoPause() {
        pausingPool();

        open();
        assertThat(failARoundAfter(THIRD_NS)).isBetween(798L, 800L);

        assertThat(pool.breakerState(nowNs)).isEqualTo(State.CLOSED);
    }

    @Test
    void theLossOfTheCarrierEndsThePause() {
        pausingPool();
        carryOnA();
        open();
        nowNs += StandbyPool.LASTING_NS;
        pool.need(nowNs);
        failARound();
        dialer.takeDialled();

        carrier = null;
        pool.needAtOnce(nowNs);
        pool.onTick(nowNs);

        assertThat(dialer.takeDialled()).hasSize(1);
    }

    /** Of a carrier that was lost as soon as it was made: the backoff is what there is to wait for. */
    @Test
    void theLossOfAYoungCarrierEndsThePauseToo() {
        pausingPool();
        pool.need(nowNs);
        carrier = connectNext("1").connection();
        pool.take(nowNs);
        nowNs += JITTER_NS;
        open();
        pool.need(nowNs);
        failARound();

        carrier = null;
        pool.needAtOnce(nowNs);

        assertThat(pool.onTick(nowNs)).isBetween(SECOND_NS - 2, SECOND_NS);
    }

    @Test
    void aLeavingServerKnowsNoPause() {
        pausingPool();
        carryOnA();
        open();

        pool.need(nowNs);
        assertThat(failARound()).isBetween(FIRST_NS - 2, FIRST_NS);
        assertThat(failARoundAfter(FIRST_NS)).isBetween(SECOND_NS - 2, SECOND_NS);

        assertThat(dialer.takeDialled()).containsExactly(B, C, B, C);
    }

    @Test
    void aStandbyThatIsLostInThePauseIsNotReplacedSooner() {
        standbys = 2;
        pausingPool();
        carryOnA();
        FakePeer b = connectNext("2");
        open();
        nowNs += StandbyPool.LASTING_NS; // Less than the pause.
        dialer.takeDialled();
        pool.onTick(nowNs);
        open();

        b.closes();

        assertThat(pool.onTick(nowNs)).isGreaterThan(PAUSE_NS - 1);
    }

    @Test
    void aServerThatAppearsIsTriedWithinTheJitter() {
        pausingPool();
        carryOnA();
        open();

        pool.onServerAppeared(nowNs);

        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
    }

    @Test
    void aServerThatAppearsDoesNotShortenTheJitterOfARefill() {
        connectNext("1");
        pool.take(nowNs);

        nowNs += JITTER_NS / 2;
        pool.onServerAppeared(nowNs);

        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS / 2 - 2, JITTER_NS / 2);
    }
}
