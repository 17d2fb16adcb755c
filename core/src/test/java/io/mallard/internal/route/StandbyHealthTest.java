package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What counts as a standby, before it is one and as long as it is one. */
class StandbyHealthTest extends StandbyPoolScene {
    private static final long CHECK_NS = 10_000;

    private void checkEvery(long intervalNs) {
        checkInterval = Duration.ofNanos(intervalNs);
        pool = pool();
    }

    @Test
    void saysThatAConnectionWasMadeAndNotValidated() {
        carryOnA();
        pool.onTick(nowNs);

        dialer.failsConnected("timed out waiting for the PONG to CONNECT and PING");
        failARound();

        assertThat(user.takeEvents())
                .containsExactlyInAnyOrder(
                        "b: Hot-swap connection validation failed: timed out waiting for the PONG to CONNECT and PING",
                        "c: refused",
                        "round failed");
    }

    @Test
    void aServerThatDoesNotAnswerTheFirstConnectIsNoFailedHotSwap() {
        pool.onTick(nowNs);

        dialer.failsConnected("timed out waiting for its INFO");
        failARound();

        assertThat(user.takeEvents()).contains("a: timed out waiting for its INFO");
    }

    @Test
    void asksAStandbyInEveryIntervalWhetherItAnswers() {
        checkEvery(CHECK_NS);
        FakePeer a = connectNext("1");

        for (int i = 0; i < 3; i++) {
            assertThat(pool.onTick(nowNs)).isEqualTo(CHECK_NS);
            assertThat(a.received()).isEmpty();
            nowNs += CHECK_NS;
            pool.onTick(nowNs);
            assertThat(a.received()).isEqualTo("PING\r\n");
            a.sends("PONG\r\n");
        }

        assertThat(pool.ready()).isSameAs(a.connection());
    }

    @Test
    void aStandbyThatMissesTheDeadlineIsReplacedWithinTheJitter() {
        checkEvery(CHECK_NS);
        nowNs = StandbyPool.LASTING_NS;
        pool.onTick(nowNs);
        FakePeer a = dialer.connects("1");
        user.takeEvents();
        nowNs += StandbyPool.LASTING_NS;

        assertThat(pool.onTick(nowNs)).isEqualTo(ATTEMPT_TIMEOUT_NS);
        nowNs += ATTEMPT_TIMEOUT_NS;
        pool.onTick(nowNs);

        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
        assertThat(a.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        assertThat(user.takeEvents()).containsExactly("closed: the server has stopped answering");
    }

    @Test
    void asksEachOfThem() {
        standbys = 2;
        checkEvery(CHECK_NS);
        carryOnA();
        FakePeer b = connectNext("2");
        FakePeer c = connectNext("3");
        nowNs = CHECK_NS;
        pool.onTick(nowNs);
        c.sends("PONG\r\n");

        nowNs += ATTEMPT_TIMEOUT_NS;
        pool.onTick(nowNs);

        assertThat(b.isClosed()).isTrue();
        assertThat(c.isClosed()).isFalse();
        assertThat(pool.ready()).isSameAs(c.connection());
    }

    @Test
    void asksNothingOfOneThatWasTaken() {
        checkEvery(CHECK_NS);
        FakePeer a = connectNext("1");
        carrier = pool.take(nowNs);

        pool.onTick(nowNs + CHECK_NS);

        assertThat(a.received()).isEmpty();
    }
}
