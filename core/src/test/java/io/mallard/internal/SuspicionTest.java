package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.server.ServerAddress;
import org.junit.jupiter.api.Test;

class SuspicionTest {
    private static final long LATE_NS = 1_000;

    private final FakePeer carrier = FakePeer.ready("1", new ServerAddress("a", 1), new RecordingOwner());
    private final FakePeer standby = FakePeer.ready("2", new ServerAddress("b", 2), new RecordingOwner());
    private final Suspicion suspicion = new Suspicion(LATE_NS, 0);
    private long nowNs;

    private long tick(long afterNs) {
        nowNs += afterNs;
        return suspicion.onTick(carrier.connection(), standby.connection(), nowNs);
    }

    private boolean isFounded() {
        return suspicion.isFounded(carrier.connection(), standby.connection());
    }

    @Test
    void aServerThatIsLateWhileTheOtherAnswersIsSuspected() {
        assertThat(tick(0)).isEqualTo(LATE_NS);
        assertThat(carrier.received()).isEqualTo("PING\r\n");
        assertThat(tick(LATE_NS - 1)).isEqualTo(1);
        assertThat(standby.received()).as("it is not late yet").isEmpty();

        tick(1);
        assertThat(standby.received()).isEqualTo("PING\r\n");
        assertThat(isFounded()).isFalse();
        standby.sends("PONG\r\n");

        assertThat(isFounded()).isTrue();
    }

    @Test
    void aServerThatAnswersIsAskedAgainAndNotSuspected() {
        for (int i = 0; i < 10; i++) {
            tick(LATE_NS);
            assertThat(carrier.received()).isEqualTo("PING\r\n");
            carrier.sends("PONG\r\n");
        }

        assertThat(standby.received()).isEmpty();
        assertThat(isFounded()).isFalse();
    }

    @Test
    void nobodyIsSuspectedWhileBothAreLate() {
        tick(0);
        tick(LATE_NS);
        for (int i = 0; i < 10; i++) {
            tick(LATE_NS);
            assertThat(isFounded()).isFalse();
        }
        carrier.sends("PONG\r\n");
        standby.sends("PONG\r\n".repeat(11));

        assertThat(isFounded()).as("both answer at last").isFalse();
    }

    @Test
    void anAnswerOfTheOtherThatComesTooLateIsAskedForAgain() {
        tick(0);
        tick(LATE_NS);
        tick(LATE_NS);
        assertThat(standby.received()).isEqualTo("PING\r\nPING\r\n");

        standby.sends("PONG\r\n");
        assertThat(isFounded()).as("it answers the first").isFalse();
        standby.sends("PONG\r\n");

        assertThat(isFounded()).isTrue();
    }

    @Test
    void nobodyIsSuspectedForAWhileAfterAMove() {
        tick(0);
        tick(LATE_NS);
        standby.sends("PONG\r\n");
        assertThat(isFounded()).isTrue();
        carrier.received();
        standby.received();

        suspicion.onLeft(nowNs);
        FakePeer next = standby;
        FakePeer spare = carrier;
        assertThat(isFounded()).isFalse();
        assertThat(suspicion.onTick(next.connection(), spare.connection(), nowNs + Suspicion.QUIET_NS - 1))
                .isEqualTo(1);
        assertThat(next.received()).isEmpty();

        suspicion.onTick(next.connection(), spare.connection(), nowNs + Suspicion.QUIET_NS);
        assertThat(next.received()).isEqualTo("PING\r\n");
    }

    @Test
    void anotherServerInUseIsNotSuspectedForTheLastOne() {
        tick(0);
        tick(LATE_NS);
        standby.sends("PONG\r\n");
        FakePeer next = FakePeer.ready("3", new ServerAddress("c", 3), new RecordingOwner());

        suspicion.onTick(next.connection(), standby.connection(), nowNs);

        assertThat(suspicion.isFounded(next.connection(), standby.connection())).isFalse();
        assertThat(next.received()).isEqualTo("PING\r\n");
    }

    @Test
    void nobodyIsSuspectedUnlessTheOptionsSaySo() {
        Suspicion never = new Suspicion(0, 0);

        assertThat(never.onTick(carrier.connection(), standby.connection(), 0)).isEqualTo(Long.MAX_VALUE);
        assertThat(carrier.received()).isEmpty();
    }
}
