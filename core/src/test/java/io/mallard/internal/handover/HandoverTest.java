package io.mallard.internal.handover;

import static io.mallard.internal.handover.Handover.State.AWAITING_STANDBY;
import static io.mallard.internal.handover.Handover.State.DRAINING;
import static io.mallard.internal.handover.Handover.State.JITTER;
import static io.mallard.internal.handover.Handover.State.OVERLAPPING;
import static io.mallard.internal.handover.Handover.State.RESUBSCRIBING;
import static io.mallard.internal.handover.Handover.State.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.Subscription;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private static final long JITTER_NS = 100;
    private static final long OVERLAP_NS = 1_000;
    private static final long ANSWER_TIMEOUT_NS = 20_000;
    private static final long DRAIN_TIMEOUT_NS = 10_000;
    private static final long COVER_TIMEOUT_NS = 50_000;

    /** What follows the first publish on a connection. */
    private static final String COVERING_PING = "PING\r\n";

    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer a = FakePeer.ready("A", new ServerAddress("a", 4222), owner);
    private final FakePeer b = FakePeer.ready("B", new ServerAddress("b", 4222), owner);
    private final FakePeer c = FakePeer.ready("C", new ServerAddress("c", 4222), owner);
    private final SubscriptionRegistry subscriptions = new SubscriptionRegistry();
    private final List<String> moves = new ArrayList<>();
    private FakePeer standby = b;
    private FakePeer carrier = a;
    private long nowNs = Long.MAX_VALUE - 500;

    private final Handover handover = new Handover(
            a.connection(),
            subscriptions,
            new Handover.Traffic() {
                @Override
                public boolean moveAwayFrom(ServerConnection leaving, long movedNs) {
                    if (standby == null) {
                        return false;
                    }
                    leaving.outbound().seal();
                    carrier = standby;
                    standby = null;
                    moves.add("moved");
                    return true;
                }

                @Override
                public ServerConnection carrier() {
                    return carrier == null ? null : carrier.connection();
                }

                @Override
                public void retire(ServerConnection left, long retiredNs) {
                    assertThat(left).isSameAs(a.connection());
                    moves.add("retired");
                }
            },
            new Handover.Timing(JITTER_NS, OVERLAP_NS, ANSWER_TIMEOUT_NS, DRAIN_TIMEOUT_NS, COVER_TIMEOUT_NS));

    @BeforeEach
    void subscribed() {
        ActiveSubscription.Client nobody = new ActiveSubscription.Client() {
            @Override
            public void unsubscribe(ActiveSubscription subscription) {}

            @Override
            public void onSlowConsumer(ActiveSubscription subscription) {}

            @Override
            public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {}
        };
        Subscription subscription = subscriptions.add("s", null, message -> {}, Runnable::run, nobody);
        assertThat(subscription.isActive()).isTrue();
    }

    @Test
    void movesTrafficFirstThenSubscriptionsAndLeavesLast() {
        assertThat(handover.step(nowNs)).isEqualTo(JITTER_NS);
        assertThat(moves).containsExactly("moved");
        assertThat(step(JITTER_NS - 1)).isEqualTo(1);
        assertThat(handover.state()).isEqualTo(JITTER);
        assertThat(b.received()).isEmpty();

        assertThat(step(1)).isEqualTo(ANSWER_TIMEOUT_NS);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(b.received()).isEqualTo("SUB s 2\r\nPING\r\n");

        b.sends("PONG\r\n");
        assertThat(step(0)).isEqualTo(OVERLAP_NS);
        assertThat(handover.state()).isEqualTo(OVERLAPPING);
        assertThat(step(OVERLAP_NS - 1)).isEqualTo(1);
        assertThat(a.received()).as("A's subscriptions while both deliver").isEmpty();

        assertThat(step(1)).isEqualTo(DRAIN_TIMEOUT_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);
        assertThat(a.received()).isEqualTo("UNSUB 2\r\nUNSUB 1\r\nPING\r\n");
        assertThat(moves).containsExactly("moved");

        a.sends("PONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("moved", "retired");
        assertThat(step(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(moves).containsExactly("moved", "retired");
    }

    @Test
    void aServesUntilThereIsAStandby() {
        standby = null;
        assertThat(handover.step(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(step(DRAIN_TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);
        assertThat(handover.state()).isEqualTo(AWAITING_STANDBY);

        standby = b;
        assertThat(step(1)).isEqualTo(JITTER_NS);
        assertThat(moves).containsExactly("moved");
    }

    @Test
    void doesNotLeaveTheOldServerBeforeTheNewOneHasTheSubscriptions() {
        reach(RESUBSCRIBING);

        assertThat(step(2 * ANSWER_TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);

        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(a.received()).isEmpty();
    }

    @Test
    void aServerThatTakesTheSubscriptionsAndDoesNotAnswerIsGivenUp() {
        reach(RESUBSCRIBING);

        b.connection().onTick(nowNs + ANSWER_TIMEOUT_NS);

        assertThat(b.isClosed()).isTrue();
    }

    @Test
    void waitsForTheLastMessagesNoLongerThanTheDrainTimeout() {
        reach(DRAINING);
        assertThat(step(DRAIN_TIMEOUT_NS - 1)).isEqualTo(1);
        assertThat(handover.state()).isEqualTo(DRAINING);
        step(1);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("moved", "retired");
    }

    @Test
    void waitsLongerForPublishesThatOnlyTheOldServerHas() {
        a.publish("1");
        reach(DRAINING);
        assertThat(step(DRAIN_TIMEOUT_NS)).isEqualTo(COVER_TIMEOUT_NS - DRAIN_TIMEOUT_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);

        step(COVER_TIMEOUT_NS - DRAIN_TIMEOUT_NS);

        assertThat(handover.state()).isEqualTo(RETIRED);
    }

    @Test
    void theAnswerToAnEarlierPingDoesNotEndTheDraining() {
        reach(DRAINING);

        step(1);

        assertThat(handover.state()).isEqualTo(DRAINING);
    }

    @Test
    void whatAHadToWriteGoesAheadOfItsLastPing() {
        a.stalls();
        a.publish("1");
        reach(DRAINING);
        a.resumes();

        assertThat(a.received()).isEqualTo("PUB a 1\r\n1\r\n" + COVERING_PING + "UNSUB 2\r\nUNSUB 1\r\nPING\r\n");
    }

    // The connection that took over is lost.

    @Test
    void aLossBeforeTheResubscriptionChangesNothing() {
        handover.step(nowNs);
        loseCarrierTo(c);
        assertThat(handover.state()).isEqualTo(JITTER);

        assertThat(step(JITTER_NS)).isEqualTo(ANSWER_TIMEOUT_NS);
        assertThat(c.received()).isEqualTo("SUB s 2\r\nPING\r\n");
    }

    @Test
    void aLossWhileResubscribingResubscribesOnTheNext() {
        reach(RESUBSCRIBING);
        loseCarrierTo(c);

        assertResubscribedOn(c);
    }

    @Test
    void aLossWhileOverlappingResubscribesOnTheNextBeforeAIsLeft() {
        reach(OVERLAPPING);
        loseCarrierTo(c);

        assertResubscribedOn(c);
        assertThat(a.received()).isEmpty();
    }

    @Test
    void aLossWhileDrainingDoesNotHoldAUp() {
        reach(DRAINING);
        loseCarrierTo(c);
        assertThat(handover.state()).isEqualTo(DRAINING);

        a.sends("PONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(RETIRED);
    }

    @Test
    void aKeepsTheSubscriptionsUntilThereIsACarrierAgain() {
        reach(OVERLAPPING);
        loseCarrierTo(null);

        assertThat(step(0)).as("stepped in every turn of the loop anyway").isEqualTo(Long.MAX_VALUE);
        step(2 * OVERLAP_NS);
        assertThat(handover.state()).isEqualTo(JITTER);
        assertThat(a.received()).isEmpty();

        carrier = c;
        assertResubscribedOn(c);
    }

    // The connection that is being left is lost.

    @Test
    void tellsWhetherTheSubscriptionsOfALostConnectionLiveElsewhere() {
        assertThat(handover.onLeavingLost()).isFalse();
        assertThat(handover.state()).isEqualTo(RETIRED);
    }

    @Test
    void theyDoNotInTheJitter() {
        reach(JITTER);
        assertThat(handover.onLeavingLost()).isFalse();
    }

    @Test
    void theyDoNotForSureWhileResubscribing() {
        reach(RESUBSCRIBING);
        assertThat(handover.onLeavingLost()).isFalse();
    }

    @Test
    void theyDoWhileOverlapping() {
        reach(OVERLAPPING);
        assertThat(handover.onLeavingLost()).isTrue();
    }

    @Test
    void theyDoWhileDraining() {
        reach(DRAINING);
        assertThat(handover.onLeavingLost()).isTrue();
        assertThat(step(DRAIN_TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);
        assertThat(moves).as("whoever told of the loss deals with it").containsExactly("moved");
    }

    private void assertResubscribedOn(FakePeer next) {
        assertThat(step(0)).isEqualTo(ANSWER_TIMEOUT_NS);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(next.received()).isEqualTo("SUB s 2\r\nPING\r\n");
        step(1);
        assertThat(handover.state()).as("an earlier PONG does not count").isEqualTo(RESUBSCRIBING);
        next.sends("PONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(OVERLAPPING);
    }

    private void loseCarrierTo(FakePeer next) {
        carrier = next;
        handover.onCarrierLost(nowNs);
    }

    private long step(long afterNs) {
        nowNs += afterNs;
        return handover.step(nowNs);
    }

    private void reach(Handover.State state) {
        handover.step(nowNs);
        while (handover.state() != state) {
            switch (handover.state()) {
                case AWAITING_STANDBY, JITTER -> step(JITTER_NS);
                case RESUBSCRIBING -> {
                    b.sends("PONG\r\n");
                    step(0);
                }
                case OVERLAPPING -> step(OVERLAP_NS);
                case DRAINING, RETIRED -> throw new IllegalStateException("went past " + state);
            }
        }
    }
}
