package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.server.ServerAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rounds, waits and needs, with one standby or none. */
class StandbyPoolTest extends StandbyPoolScene {
    @Test
    void makesOneStandbyAndKeepsIt() {
        assertThat(pool.onTick(nowNs)).isEqualTo(ATTEMPT_TIMEOUT_NS);
        assertThat(dialer.takeDialled()).containsExactly(A);
        assertThat(pool.ready()).isNull();

        FakePeer a = dialer.connects("1");
        assertThat(pool.ready()).isSameAs(a.connection());
        assertThat(user.takeEvents()).containsExactly("standby");
        assertThat(pool.onTick(nowNs)).isEqualTo(PING_INTERVAL_NS);
        assertThat(dialer.takeDialled()).isEmpty();
    }

    @Test
    void theEventsOfAStandbyGoToTheUser() {
        pool.onTick(nowNs);
        FakePeer a = dialer.connects("1");
        user.takeEvents();

        a.sends("INFO {\"ldm\":true}\r\n");

        assertThat(user.takeEvents()).containsExactly("info 1048576", "lame duck");
    }

    @Test
    void triesEachServerOncePerRoundAtOnceAndThenWaits() {
        for (ServerAddress address : List.of(A, B, C)) {
            assertThat(pool.onTick(nowNs)).isEqualTo(ATTEMPT_TIMEOUT_NS);
            assertThat(dialer.takeDialled()).containsExactly(address);
            dialer.fails("refused");
        }
        assertThat(pool.onTick(nowNs)).isBetween(98L, 100L);
        assertThat(user.takeEvents())
                .containsExactlyInAnyOrder("a: refused", "b: refused", "c: refused", "round failed")
                .endsWith("round failed");

        assertThat(pool.onTick(nowNs + 98)).isPositive();
        assertThat(dialer.takeDialled()).isEmpty();
        pool.onTick(nowNs + 100);
        assertThat(dialer.takeDialled()).containsExactly(A);
    }

    @Test
    void waitsTwiceAsLongAfterEveryRoundUpToTheLongestWait() {
        for (long bound : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            assertThat(failARound()).isBetween(bound - 2, bound);
            nowNs += bound;
        }
    }

    @Test
    void anAttemptThatTimesOutIsFollowedByTheNextAtOnce() {
        pool.onTick(nowNs);
        nowNs += ATTEMPT_TIMEOUT_NS;

        assertThat(pool.onTick(nowNs)).isZero();
        pool.onTick(nowNs);

        assertThat(dialer.takeDialled()).containsExactly(A, B);
    }

    @Test
    void anAttemptMayTakeTheHotSwapTimeoutWhileAnotherConnectionIsInUse() {
        carrier = FakePeer.ready("1", A, new RecordingOwner()).connection();

        assertThat(pool.onTick(nowNs)).isEqualTo(HOT_SWAP_TIMEOUT_NS);
    }

    @Test
    void replacesAUsedStandbyWithinTheJitter() {
        pool.onTick(nowNs);
        FakePeer a = dialer.connects("1");
        dialer.takeDialled();

        assertThat(pool.take(nowNs)).isSameAs(a.connection());
        assertThat(pool.take(nowNs)).isNull();
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
        assertThat(dialer.takeDialled()).isEmpty();

        pool.onTick(nowNs + JITTER_NS);
        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void doesNotMakeAStandbyWithTheServerInUse() {
        carrier = FakePeer.ready("1", A, new RecordingOwner()).connection();
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(B);

        FakePeer alias = dialer.connects("1");

        assertThat(alias.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(C);
        dialer.fails("refused");
        pool.onTick(nowNs);
        assertThat(user.takeEvents())
                .containsExactlyInAnyOrder("b: it is the server already in use", "c: refused", "round failed");
        nowNs += 100;
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).as("the alias is known by now").containsExactly(C);
    }

    @Test
    void twoServersWithoutAnIdAreNotOne() {
        carrier = FakePeer.ready("", A, new RecordingOwner()).connection();
        pool.onTick(nowNs);

        FakePeer other = dialer.connects("");

        assertThat(pool.ready()).isSameAs(other.connection());
    }

    @Test
    void aServerThatIsLeavingIsNoStandby() {
        pool.onTick(nowNs);
        FakePeer lame = FakePeer.ready("1", A, new RecordingOwner());
        lame.sends("INFO {\"ldm\":true}\r\n");
        dialer.connects(lame);

        assertThat(lame.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        assertThat(servers.candidates(nowNs)).as("leaving servers last").containsExactly(B, C, A);
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(A, B);
    }

    @Test
    void aStandbyWhoseServerLeavesIsClosedAndReplacedWithinTheJitter() {
        pool.onTick(nowNs);
        FakePeer a = dialer.connects("1");
        nowNs += StandbyPool.LASTING_NS;
        pool.onLameDuck(a.connection(), nowNs);
        pool.onLameDuck(a.connection(), nowNs);

        assertThat(a.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
    }

    @Test
    void aStandbyThatIsLostIsReplacedWithinTheJitter() {
        pool.onTick(nowNs);
        FakePeer a = dialer.connects("1");
        nowNs += StandbyPool.LASTING_NS;
        a.closes();

        assertThat(pool.ready()).isNull();
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
    }

    @Test
    void aStandbyThatStoppedAnsweringIsReplacedWithinTheJitter() {
        pool.onTick(nowNs);
        dialer.connects("1");
        user.takeEvents();
        for (int pings = 0; pings < 3; pings++) {
            pool.onTick(nowNs);
            nowNs += PING_INTERVAL_NS;
        }

        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
        assertThat(user.takeEvents()).singleElement().asString().startsWith("closed: stale connection");
    }

    @Test
    void trafficThatNeedsAConnectionDoesNotWaitForJitterOrBackoff() {
        failARound();
        failARoundAfter(100);
        dialer.takeDialled();
        pool.need(nowNs);
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(A);

        dialer.connects("1");
        pool.take(nowNs);
        nowNs += StandbyPool.LASTING_NS;
        pool.need(nowNs);
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void connectionsThatDoNotLastAreFollowedByLongerAndLongerWaits() {
        takesAtOnce = true;
        pool.need(nowNs);
        pool.onTick(nowNs);
        for (long bound : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            dialer.connects("1");
            nowNs++;
            pool.need(nowNs);
            assertThat(pool.onTick(nowNs)).isBetween(bound - 2, bound);
            nowNs += bound;
            pool.onTick(nowNs);
        }

        dialer.connects("1");
        nowNs += StandbyPool.LASTING_NS;
        pool.need(nowNs);
        dialer.takeDialled();
        pool.onTick(nowNs);
        assertThat(dialer.takeDialled())
                .as("the first attempt after one that lasted")
                .hasSize(1);
    }

    @Test
    void leavingAConnectionThatStillWorksDoesNotWaitHoweverYoungItIs() {
        pool.need(nowNs);
        pool.onTick(nowNs);
        carrier = dialer.connects("1").connection();
        pool.take(nowNs);
        nowNs += JITTER_NS;
        for (int others = 0; others < 2; others++) {
            pool.onTick(nowNs);
            dialer.fails("full");
        }
        assertThat(pool.onTick(nowNs)).isBetween(98L, 100L);
        dialer.takeDialled();

        pool.need(nowNs);

        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void aStandbyThatDoesNotLastIsReplacedAfterTheBackoffToo() {
        pool.onTick(nowNs);
        dialer.connects("1").closes();
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS + 97, JITTER_NS + 100);

        nowNs += JITTER_NS + 100;
        pool.onTick(nowNs);
        dialer.connects("1").closes();
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS + 197, JITTER_NS + 200);
    }

    @Test
    void aNeedThatHasBecomeUrgentDoesNotWaitForTheBackoff() {
        nowNs += StandbyPool.LASTING_NS;
        pool.need(nowNs);
        failARound();
        assertThat(pool.onTick(nowNs)).isBetween(98L, 100L);
        dialer.takeDialled();

        pool.needAtOnce(nowNs);

        pool.onTick(nowNs);
        assertThat(dialer.takeDialled()).containsExactly(A);
    }

    @Test
    void trafficInNeedStartsTheBackoffAnew() {
        failARound();
        failARoundAfter(100);
        pool.need(nowNs);

        assertThat(failARound()).isBetween(98L, 100L);
        pool.need(nowNs);
        assertThat(pool.onTick(nowNs)).as("the same need").isBetween(98L, 100L);
    }

    @Test
    void connectsOnDemandOnlyWhenItKeepsNoStandby() {
        standbys = 0;
        pool = pool();
        assertThat(pool.onTick(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(dialer.takeDialled()).isEmpty();

        takesAtOnce = true;
        pool.need(nowNs);
        pool.onTick(nowNs);
        dialer.connects("1");

        assertThat(user.takeEvents()).containsExactly("standby");
        assertThat(pool.ready()).isNull();
        assertThat(pool.onTick(nowNs + JITTER_NS)).isEqualTo(Long.MAX_VALUE);
        assertThat(dialer.takeDialled()).containsExactly(A);
    }

    @Test
    void givesUpEverythingWhenClosed() {
        pool.onTick(nowNs);
        pool.close();
        assertThat(dialer.isCancelled()).isTrue();

        pool = pool();
        pool.onTick(nowNs);
        FakePeer standby = dialer.connects("1");
        pool.close();
        assertThat(standby.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        assertThat(pool.take(nowNs)).isNull();
    }
}
