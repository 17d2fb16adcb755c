package io.mallard.internal.handover;

import static io.mallard.internal.handover.Handover.State.ANSWERING;
import static io.mallard.internal.handover.Handover.State.AWAITING_STANDBY;
import static io.mallard.internal.handover.Handover.State.DRAINING;
import static io.mallard.internal.handover.Handover.State.FINISHING;
import static io.mallard.internal.handover.Handover.State.JITTER;
import static io.mallard.internal.handover.Handover.State.OVERLAPPING;
import static io.mallard.internal.handover.Handover.State.RESUBSCRIBING;
import static io.mallard.internal.handover.Handover.State.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverMode;
import io.mallard.HandoverOptions;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.PendingOptions;
import io.mallard.Subscription;
import io.mallard.internal.ContentHash;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.request.ClientTally;
import io.mallard.internal.request.RoundTrips;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.NoClient;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private static final long JITTER_NS = 100;
    private static final long OVERLAP_NS = 1_000;
    private static final long HALF_NS = OVERLAP_NS / 2;
    private static final long ANSWER_TIMEOUT_NS = 20_000;
    private static final long DRAIN_TIMEOUT_NS = 10_000;
    private static final long COVER_TIMEOUT_NS = 50_000;
    private static final long STANDBY_TIMEOUT_NS = 70_000;
    /** Long enough to find out that no copy is awaited. */
    private static final long LAST_COPIES_NS = OVERLAP_NS / 2;

    private static final long TOKEN = 7;
    private static final String FENCE = "PUB _.7 0\r\n\r\n";
    private static final long BACK_TOKEN = 8;
    private static final String BACK_FENCE = "PUB _.8 0\r\n\r\n";

    /** What follows the first publish on a connection. */
    private static final String COVERING_PING = "PING\r\n";

    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer a = FakePeer.ready("A", new ServerAddress("a", 4222), owner);
    private final FakePeer b = FakePeer.ready("B", new ServerAddress("b", 4222), owner);
    private final FakePeer c = FakePeer.ready("C", new ServerAddress("c", 4222), owner);
    private final SubscriptionRegistry subscriptions = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final List<String> moves = new ArrayList<>();
    private FakePeer standby = b;
    private FakePeer carrier = a;
    private long nowNs = Long.MAX_VALUE - 500;

    private Fence fence;
    private Fence back;
    private HandoverReport report;
    private boolean itsTurn = true;
    private boolean settled = true;
    private final Overlap overlap =
            new Overlap(subscriptions, HandoverMode.EXACT, HandoverOptions.DEFAULT_MAX_HELD_BYTES, new ContentHash(42));
    private Handover handover = handoverFor(HandoverReason.LAME_DUCK);

    private Handover handoverFor(HandoverReason reason) {
        return handoverFor(reason, overlap);
    }

    private Handover handoverFor(HandoverReason reason, Overlap through) {
        return new Handover(
                reason,
                a.connection(),
                subscriptions,
                through,
                new FakeTraffic(),
                new Handover.Timing(
                        STANDBY_TIMEOUT_NS,
                        JITTER_NS,
                        OVERLAP_NS,
                        ANSWER_TIMEOUT_NS,
                        DRAIN_TIMEOUT_NS,
                        COVER_TIMEOUT_NS),
                ClientTally.NOTHING,
                nowNs);
    }

    private final class FakeTraffic implements Handover.Traffic {
        @Override
        public boolean move(Handover moving, long movedNs) {
            if (standby == null) {
                return false;
            }
            if (!moving.isLeavingLost()) {
                a.connection().outbound().seal();
            }
            carrier = standby;
            standby = null;
            moves.add("moved");
            moving.onTrafficMoved(carrier.connection().url(), movedNs);
            return true;
        }

        @Override
        public ServerConnection carrier() {
            return carrier == null ? null : carrier.connection();
        }

        @Override
        public boolean isTurnOf(Handover moving) {
            return itsTurn;
        }

        @Override
        public void onSubscriptionsMove(Handover moving, ServerConnection to, long untilSid) {
            assertThat(to).isSameAs(carrier.connection());
        }

        @Override
        public boolean isSettled(long askedNs) {
            return settled;
        }

        @Override
        public Fence fence(ServerConnection origin, ServerConnection destination, long timeoutNs, long sentNs) {
            if (destination == a.connection()) {
                fence = new Fence(origin, destination, "_.7", TOKEN, timeoutNs, sentNs);
                return fence;
            }
            assertThat(origin).isSameAs(a.connection());
            back = new Fence(origin, destination, "_.8", BACK_TOKEN, timeoutNs, sentNs);
            return back;
        }

        @Override
        public void onState(Handover handover, Handover.State state, boolean inTime) {}

        @Override
        public void retire(Handover moving, long retiredNs) {
            moves.add("retired");
            report = moving.report(ClientTally.NOTHING, new RoundTrips(), retiredNs);
        }
    }

    private static final ActiveSubscription.Client NOBODY = new NoClient();

    @BeforeEach
    void subscribed() {
        Subscription subscription = subscriptions.add("s", null, message -> {}, Runnable::run, NOBODY);
        assertThat(subscription.isActive()).isTrue();
        a.connection().replier((subject, payload) -> {});
    }

    @Test
    void movesTrafficFirstThenSubscriptionsAndLeavesLast() {
        assertThat(handover.step(nowNs)).isEqualTo(JITTER_NS);
        assertThat(moves).containsExactly("moved");
        assertThat(step(JITTER_NS - 1)).isEqualTo(1);
        assertThat(handover.state()).isEqualTo(JITTER);
        assertThat(b.received()).isEmpty();

        assertThat(step(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(b.received()).isEqualTo("SUB s 2\r\nPING\r\n");

        b.sends("PONG\r\n");
        assertThat(step(0)).isEqualTo(HALF_NS);
        assertThat(handover.state()).isEqualTo(OVERLAPPING);
        assertThat(b.received()).isEqualTo(FENCE);
        fenceArrives();
        assertThat(step(HALF_NS - 1)).isEqualTo(1);
        assertThat(a.received()).isEmpty();
        assertThat(step(1)).isEqualTo(ANSWER_TIMEOUT_NS);
        assertThat(a.received()).isEqualTo(BACK_FENCE);
        backFenceArrives();
        assertThat(step(0)).isEqualTo(HALF_NS);
        assertThat(step(HALF_NS - 1)).isEqualTo(1);
        assertThat(a.received()).as("A's subscriptions while both deliver").isEmpty();

        assertThat(step(1)).isEqualTo(DRAIN_TIMEOUT_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);
        assertThat(a.received()).isEqualTo("UNSUB 2\r\nUNSUB 1\r\nPING\r\n");
        assertThat(moves).containsExactly("moved");

        a.sends("PONG\r\n");
        assertThat(step(0)).as("no copy is awaited").isEqualTo(Long.MAX_VALUE);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("moved", "retired");
        assertThat(report.isExact()).isTrue();
        assertThat(step(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(moves).containsExactly("moved", "retired");
    }

    @Test
    void theOverlapLastsUntilTheFenceHasArrived() {
        reach(OVERLAPPING);

        assertThat(step(OVERLAP_NS)).isEqualTo(ANSWER_TIMEOUT_NS - OVERLAP_NS);
        assertThat(handover.state()).isEqualTo(OVERLAPPING);
        assertThat(a.received()).isEmpty();
        long tookNs = 2 * OVERLAP_NS;
        step(OVERLAP_NS);
        fenceArrives();

        assertThat(step(0)).as("what is left of its first half").isEqualTo(tookNs);
        assertThat(step(tookNs)).isEqualTo(ANSWER_TIMEOUT_NS);
        backFenceArrives();
        assertThat(step(0)).as("its other half: four times that together").isEqualTo(2 * tookNs);
        step(2 * tookNs);
        assertThat(handover.state()).isEqualTo(DRAINING);
    }

    @Test
    void theOverlapIsLongerBySoMuchAsTheNewServerIsLate() {
        reach(OVERLAPPING);
        fenceArrives();
        step(HALF_NS);
        long lateNs = 700;
        step(lateNs);
        assertThat(a.received()).isEqualTo(BACK_FENCE);

        backFenceArrives();

        assertThat(step(0)).isEqualTo(HALF_NS);
        assertThat(a.received()).isEmpty();
        step(HALF_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);
    }

    @Test
    void aNewServerThatIsTooLateIsNotWaitedFor() {
        reach(OVERLAPPING);
        fenceArrives();
        step(HALF_NS);
        assertThat(step(ANSWER_TIMEOUT_NS - 1)).isEqualTo(1);

        assertThat(step(1)).isEqualTo(HALF_NS);
        step(HALF_NS);

        assertThat(handover.state()).isEqualTo(DRAINING);
    }

    @Test
    void copiesAreNotWaitedForInVainWhereNobodyTellsThemFromMessages() {
        Overlap twice = new Overlap(subscriptions, HandoverMode.AT_LEAST_ONCE, 0, new ContentHash(42));
        handover = handoverFor(HandoverReason.LAME_DUCK, twice);
        reach(RESUBSCRIBING);
        b.sends("PONG\r\n");
        step(0);
        fenceArrives();

        assertThat(step(HALF_NS)).isEqualTo(HALF_NS);
        assertThat(a.received()).isEmpty();
        step(HALF_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);
    }

    @Test
    void aHandlerThatTakesItsTimeDoesNotKeepTheLoopBusy() {
        drainWithARequestFor(task -> {});
        step(0);
        assertThat(handover.state()).isEqualTo(ANSWERING);

        step(DRAIN_TIMEOUT_NS - 1);

        assertThat(overlap.onTick(nowNs)).isPositive();
        assertThat(overlap.isMerging()).as("no copy is awaited").isFalse();
    }

    @Test
    void aFenceThatIsForbiddenIsNotWaitedFor() {
        reach(OVERLAPPING);
        assertThat(fence.onServerError(b.connection(), "Permissions Violation for Publish to \"_.7\""))
                .isTrue();
        step(HALF_NS);
        step(HALF_NS);
        assertThat(handover.state()).isEqualTo(DRAINING);
        a.sends("PONG\r\n");
        step(0);
        step(LAST_COPIES_NS);
        assertThat(report.fenceNs()).isEqualTo(-1);
        assertThat(report.isExact()).isTrue();
    }

    @Test
    void waitsForAnEarlierHandoverToEnd() {
        itsTurn = false;
        handover.step(nowNs);
        step(JITTER_NS);
        assertThat(step(ANSWER_TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);
        assertThat(b.received()).isEmpty();

        itsTurn = true;
        step(1);

        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
    }

    @Test
    void waitsForTheOldServerToHaveProcessedWhatItWasSentButNotForever() {
        settled = false;
        handover.step(nowNs);
        assertThat(step(JITTER_NS)).isEqualTo(ANSWER_TIMEOUT_NS);
        assertThat(step(ANSWER_TIMEOUT_NS - 1)).isEqualTo(1);
        assertThat(b.received()).isEmpty();

        step(1);

        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
    }

    @Test
    void staysWhereItIsIfAskedToMoveAndThereIsNowhereToGo() {
        standby = null;
        handover = handoverFor(HandoverReason.REQUESTED);
        assertThat(handover.step(nowNs)).isEqualTo(STANDBY_TIMEOUT_NS);

        step(STANDBY_TIMEOUT_NS);

        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("retired");
    }

    @Test
    void keepsTheOldConnectionUntilItsLastHandlerHasAnswered() {
        List<Runnable> handlers = new ArrayList<>();
        drainWithARequestFor(handlers::add);

        step(0);
        assertThat(handover.state()).isEqualTo(ANSWERING);
        assertThat(a.connection().outbound().reply("reply", null, new byte[0], "PUB reply 0\r\n\r\n".length()))
                .isEqualTo(Append.ACCEPTED);
        subscriptions.onTick();
        handlers.forEach(Runnable::run);
        step(0);

        assertThat(handover.state()).isEqualTo(FINISHING);
        assertThat(a.received())
                .isEqualTo("UNSUB 2\r\nUNSUB 3\r\nUNSUB 1\r\nPING\r\nPUB reply 0\r\n\r\nPING\r\n" + COVERING_PING);
        assertThat(a.connection().outbound().reply("reply", null, new byte[0], "PUB reply 0\r\n\r\n".length()))
                .isEqualTo(Append.SEALED);
        step(LAST_COPIES_NS);
        assertThat(handover.state()).as("not before the answer is processed").isEqualTo(FINISHING);
        a.sends("PONG\r\nPONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(RETIRED);
    }

    @Test
    void waitsForHandlersNoLongerThanTheDrainTimeout() {
        drainWithARequestFor(task -> {});
        step(0);

        step(DRAIN_TIMEOUT_NS);
        step(LAST_COPIES_NS);

        assertThat(handover.state()).isEqualTo(RETIRED);
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
        step(LAST_COPIES_NS);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("moved", "retired");
        assertThat(report.subscriptionGap()).isTrue();
    }

    @Test
    void waitsLongerForPublishesThatOnlyTheOldServerHas() {
        a.publish("1");
        reach(DRAINING);
        step(DRAIN_TIMEOUT_NS);
        assertThat(step(LAST_COPIES_NS)).isEqualTo(COVER_TIMEOUT_NS - LAST_COPIES_NS);
        assertThat(handover.state()).isEqualTo(FINISHING);

        step(COVER_TIMEOUT_NS);

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

        assertThat(a.received())
                .isEqualTo("PUB a 1\r\n1\r\n" + COVERING_PING + BACK_FENCE + "UNSUB 2\r\nUNSUB 1\r\nPING\r\n");
    }

    @Test
    void whatWasSubscribedOnTheStandbyAloneStaysThereAndIsDeliveredAtOnce() {
        List<String> handled = new ArrayList<>();
        Subscription early = subscriptions.addOnly(
                b.connection().outbound(), "e", message -> handled.add(message.subject()), Runnable::run, NOBODY);
        b.connection().replier((subject, payload) -> {});

        handover.step(nowNs);
        step(JITTER_NS);
        assertThat(b.received()).isEqualTo("SUB s 2\r\nPING\r\n");
        overlap.onMessage(b.connection(), new FakeMessage(sidOf(early), "e", "1"));
        overlap.onMessage(b.connection(), new FakeMessage(sidOf(early), "e", "1"));
        subscriptions.onTick();

        assertThat(handled).as("what looks like a copy is none").containsExactly("e", "e");
    }

    @Test
    void whatTheLeavingConnectionAloneHasMovesLikeTheOthers() {
        Subscription early =
                subscriptions.addOnly(a.connection().outbound(), "e", message -> {}, Runnable::run, NOBODY);

        handover.step(nowNs);
        step(JITTER_NS);

        assertThat(sidOf(early)).isEqualTo(3);
        assertThat(b.received()).isEqualTo("SUB s 2\r\nSUB e 3\r\nPING\r\n");
    }

    @Test
    void whatTheLeavingConnectionAloneHasGoesAlongIfTheOthersHaveNotComeThatFar() {
        Subscription early =
                subscriptions.addOnly(a.connection().outbound(), "e", message -> {}, Runnable::run, NOBODY);
        itsTurn = false;
        handover.step(nowNs);

        handover.onMovedElsewhere(sidOf(early));
        b.connection().writer().flush();
        assertThat(b.received()).isEqualTo("SUB e 3\r\n");
        assertThat(a.received()).isEqualTo("UNSUB 3\r\n");
        itsTurn = true;
        step(JITTER_NS);

        assertThat(b.received()).as("once").isEqualTo("PING\r\n");
    }

    @Test
    void whatTheLeavingConnectionAloneHasMovesWithAGapThatIsReported() {
        Subscription early =
                subscriptions.addOnly(a.connection().outbound(), "e", message -> {}, Runnable::run, NOBODY);
        itsTurn = false;
        handover.step(nowNs);
        handover.onMovedElsewhere(sidOf(early));
        itsTurn = true;

        reach(DRAINING);
        a.sends("PONG\r\n");
        step(0);
        step(LAST_COPIES_NS);

        assertThat(report.subscriptionGap()).isTrue();
    }

    // The connection that took over is lost.

    @Test
    void aLossBeforeTheResubscriptionChangesNothing() {
        handover.step(nowNs);
        loseCarrierTo(c);
        assertThat(handover.state()).isEqualTo(JITTER);

        assertThat(step(JITTER_NS)).isEqualTo(Long.MAX_VALUE);
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
        step(LAST_COPIES_NS);
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
    void withoutAStandbyItIsLeftLikeAnyLostOneWhenThereIsOne() {
        standby = null;
        handover.step(nowNs);
        loseA();
        assertThat(step(STANDBY_TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);

        standby = b;
        step(1);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(b.received()).isEqualTo("SUB s 2\r\nPING\r\n");
        b.sends("PONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(report.subscriptionGap()).isTrue();
        assertThat(report.isWithoutLoss()).isFalse();
    }

    @Test
    void inTheJitterItsSubscriptionsMoveAtOnce() {
        itsTurn = false;
        reach(JITTER);
        loseA();

        step(0);

        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(report()).isTrue();
    }

    @Test
    void whenTheNextOneIsLostFirstTheMergeEndsAllTheSame() {
        List<String> handled = new ArrayList<>();
        Subscription subscription =
                subscriptions.add("m", null, message -> handled.add(message.subject()), Runnable::run, NOBODY);
        reach(OVERLAPPING);
        loseCarrierTo(null);
        assertThat(handover.state()).isEqualTo(JITTER);
        loseA();
        carrier = c;
        step(0);
        c.connection().replier((subject, payload) -> {});
        overlap.onMessage(c.connection(), new FakeMessage(sidOf(subscription), "m", "1"));
        subscriptions.onTick();
        assertThat(handled).as("nothing is held any more").containsExactly("m");
        c.sends("PONG\r\n");
        step(0);
        step(LAST_COPIES_NS);

        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(report.subscriptionGap()).isTrue();
    }

    @Test
    void whatComesThroughTheOldServerAfterItsEndIsIgnored() {
        List<String> handled = new ArrayList<>();
        Subscription subscription = subscriptions.add(
                "m",
                null,
                message -> handled.add(new String(message.payload(), StandardCharsets.US_ASCII)),
                Runnable::run,
                NOBODY);
        b.connection().replier((subject, payload) -> {});
        a.publish("what keeps the old connection until it is answered");
        reach(DRAINING);
        overlap.onMessage(b.connection(), new FakeMessage(sidOf(subscription), "m", "1"));
        step(DRAIN_TIMEOUT_NS);
        subscriptions.onTick();
        assertThat(handled).containsExactly("1");

        overlap.onMessage(a.connection(), new FakeMessage(sidOf(subscription), "m", "1"));
        subscriptions.onTick();

        assertThat(handled).containsExactly("1");
    }

    @Test
    void aFenceThatIsOverdueIsAGap() {
        reach(OVERLAPPING);
        step(ANSWER_TIMEOUT_NS);
        step(HALF_NS);
        a.sends("PONG\r\n");
        step(0);
        step(LAST_COPIES_NS);
        assertThat(report.subscriptionGap()).isTrue();
    }

    @Test
    void whileResubscribingTheNextServerIsWaitedFor() {
        reach(RESUBSCRIBING);
        loseA();
        step(1);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);

        b.sends("PONG\r\n");
        step(0);
        assertThat(report()).isTrue();
    }

    @Test
    void whileOverlappingThatIsTheEndOfTheOverlap() {
        reach(OVERLAPPING);
        loseA();
        assertThat(report()).isTrue();
    }

    @Test
    void whileDrainingThatIsTheEndOfItsStream() {
        reach(DRAINING);
        loseA();
        assertThat(report()).isFalse();
    }

    @Test
    void ifTheNextOneIsLostTooWhoeverLeavesThatTakesCareOfTheSubscriptions() {
        reach(RESUBSCRIBING);
        loseA();
        loseCarrierTo(null);
        assertThat(report()).isTrue();
    }

    /** Lets the handover end; returns whether it reports a gap. */
    private boolean report() {
        if (handover.state() == RESUBSCRIBING) {
            b.sends("PONG\r\n");
        }
        step(0);
        step(LAST_COPIES_NS);
        assertThat(handover.state()).isEqualTo(RETIRED);
        assertThat(moves).containsExactly("moved", "retired");
        return report.subscriptionGap();
    }

    private void loseA() {
        a.closes();
        handover.onClosed(a.connection(), nowNs);
    }

    private void fenceArrives() {
        assertThat(fence.onInboxMessage(a.connection(), TOKEN, nowNs)).isTrue();
        assertThat(fence.measures()).isTrue();
        overlap.onServersApart(fence.tookNs());
    }

    private void backFenceArrives() {
        assertThat(back.onInboxMessage(b.connection(), BACK_TOKEN, nowNs)).isTrue();
        assertThat(back.measures()).isFalse();
    }

    private static long sidOf(Subscription subscription) {
        return ((ActiveSubscription) subscription).sid();
    }

    private void assertResubscribedOn(FakePeer next) {
        assertThat(step(0)).isEqualTo(Long.MAX_VALUE);
        assertThat(handover.state()).isEqualTo(RESUBSCRIBING);
        assertThat(next.received()).isEqualTo("SUB s 2\r\nPING\r\n");
        step(1);
        assertThat(handover.state()).as("an earlier PONG does not count").isEqualTo(RESUBSCRIBING);
        next.sends("PONG\r\n");
        step(0);
        assertThat(handover.state()).isEqualTo(OVERLAPPING);
    }

    private void loseCarrierTo(FakePeer next) {
        ServerConnection lost = carrier.connection();
        carrier = next;
        handover.onClosed(lost, nowNs);
    }

    private long step(long afterNs) {
        nowNs += afterNs;
        return handover.step(nowNs);
    }

    /** A's stream ends, and what it has brought last is answered by a handler of that executor. */
    private void drainWithARequestFor(Executor executor) {
        Subscription responder = subscriptions.add("r", null, message -> {}, executor, NOBODY);
        reach(RESUBSCRIBING);
        overlap.onMessage(a.connection(), new FakeMessage(sidOf(responder), "r", "reply", null, "?"));
        reach(DRAINING);
        a.sends("PONG\r\n");
    }

    private void reach(Handover.State state) {
        step(0);
        while (handover.state() != state) {
            switch (handover.state()) {
                case AWAITING_STANDBY, JITTER -> step(JITTER_NS);
                case RESUBSCRIBING -> {
                    b.sends("PONG\r\n");
                    step(0);
                }
                case OVERLAPPING -> {
                    fenceArrives();
                    b.received();
                    step(HALF_NS);
                    backFenceArrives();
                    step(0);
                    a.received();
                    step(HALF_NS);
                }
                case DRAINING, ANSWERING, FINISHING, RETIRED -> throw new IllegalStateException("went past " + state);
            }
        }
    }
}
