package io.mallard.internal.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.outbound.Ending;
import io.mallard.internal.outbound.FakeRequest;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.server.ServerAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PublishHoldTest {
    private static final long SETTLE_NS = 20;
    private static final long TIMEOUT_NS = 1_000;
    private static final long NO_ORDER = -1;
    private static final long FENCE_TIMEOUT_NS = 200;
    private static final long TOKEN = 7;
    private static final byte[] INBOX = {'_', '.'};
    /** What follows the first publish on a connection. */
    private static final String COVERING_PING = "PING\r\n";

    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer a = FakePeer.ready("A", new ServerAddress("a", 4222), owner);
    private final FakePeer b = FakePeer.ready("B", new ServerAddress("b", 4222), owner);
    private long nowNs = Long.MAX_VALUE - 500;
    private Fence fence;

    private PublishHold move(long settleNs) {
        PublishHold hold = moveAtUnknownDistance(settleNs);
        fence.onInboxMessage(a.connection(), TOKEN, nowNs);
        return hold;
    }

    /** The fence is still on its way. */
    private PublishHold moveAtUnknownDistance(long settleNs) {
        a.connection().outbound().seal();
        fence = new Fence(b.connection(), a.connection(), "_.7", TOKEN, FENCE_TIMEOUT_NS, nowNs).goAhead();
        PublishHold hold = new PublishHold(a.connection(), b.connection(), fence, settleNs, TIMEOUT_NS, nowNs);
        a.connection().writer().flush();
        b.connection().writer().flush();
        assertThat(b.received()).isEqualTo("PUB _.7 0\r\n\r\n");
        return hold;
    }

    @Test
    void publishesWaitForTheAnswerOfTheOldServerAndForTheSettle() {
        a.publish("1");
        PublishHold hold = move(SETTLE_NS);
        assertThat(a.received()).isEqualTo("PUB a 1\r\n1\r\n" + COVERING_PING + "PING\r\n");
        b.publish("2");
        b.publish("3");
        assertThat(hold.step(nowNs)).isEqualTo(TIMEOUT_NS);
        assertThat(hold.processed()).isNotDone();

        a.sends("PONG\r\n");
        assertThat(hold.processed())
                .as("the answer to the covering PING is not the last one")
                .isNotDone();
        a.sends("PONG\r\n");
        assertThat(hold.processed()).isCompleted();
        assertThat(hold.step(nowNs)).isEqualTo(SETTLE_NS);
        nowNs += SETTLE_NS - 1;
        assertThat(hold.step(nowNs)).isEqualTo(1);
        assertThat(b.received()).isEmpty();

        assertThat(hold.step(nowNs + 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(hold.isReleased()).isTrue();
        b.publish("4");
        assertThat(b.received()).isEqualTo("PUB a 1\r\n2\r\nPUB a 1\r\n3\r\n" + COVERING_PING + "PUB a 1\r\n4\r\n");
    }

    @Test
    void serversFarApartSettleForTwiceTheTimeBetweenThem() {
        a.publish("1");
        PublishHold hold = moveAtUnknownDistance(SETTLE_NS);
        b.publish("2");
        a.sends("PONG\r\nPONG\r\n");
        long answeredNs = nowNs;
        assertThat(hold.step(nowNs)).as("the fence is awaited").isEqualTo(FENCE_TIMEOUT_NS);

        nowNs += 50;
        assertThat(fence.onInboxMessage(a.connection(), TOKEN, nowNs)).isTrue();

        assertThat(hold.step(nowNs)).isEqualTo(answeredNs + 2 * 50 - nowNs);
        hold.step(answeredNs + 2 * 50 - 1);
        assertThat(hold.isReleased()).isFalse();
        hold.step(answeredNs + 2 * 50);
        assertThat(hold.isReleased()).isTrue();
    }

    @Test
    void aFenceThatIsForbiddenOrDoesNotArriveIsNotWaitedFor() {
        a.publish("1");
        PublishHold forbidden = moveAtUnknownDistance(SETTLE_NS);
        a.sends("PONG\r\nPONG\r\n");
        assertThat(fence.onServerError(b.connection(), "Permissions Violation for Publish to \"_.7\""))
                .isTrue();
        assertThat(forbidden.step(nowNs)).isEqualTo(SETTLE_NS);

        fence = new Fence(b.connection(), a.connection(), "_.8", TOKEN + 1, FENCE_TIMEOUT_NS, nowNs);
        assertThat(fence.isAwaited(nowNs + FENCE_TIMEOUT_NS - 1)).isTrue();
        assertThat(fence.isAwaited(nowNs + FENCE_TIMEOUT_NS)).isFalse();
    }

    @Test
    void requestsPassAndFlushesAndTheEndOfSubscriptionsDoNot() {
        a.publish("1");
        PublishHold hold = move(SETTLE_NS);
        OutboundBuffer outbound = b.connection().outbound();
        b.publish("2");
        assertThat(outbound.ping(new NobodyWaits())).isEqualTo(Append.ACCEPTED);
        assertThat(outbound.unsubscribe(7, 0)).isEqualTo(Append.ACCEPTED);
        assertThat(outbound.request(
                        new FakeRequest(Long.MAX_VALUE),
                        "r",
                        INBOX,
                        5,
                        new byte[0],
                        0,
                        0,
                        "PUB r _.5 0\r\n\r\n".length()))
                .isEqualTo(Append.ACCEPTED);
        b.connection().writer().flush();
        assertThat(b.received()).isEqualTo("PUB r _.5 0\r\n\r\n");

        a.sends("PONG\r\nPONG\r\n");
        hold.step(nowNs);
        hold.step(nowNs + SETTLE_NS);

        assertThat(b.received()).isEqualTo("PUB a 1\r\n2\r\nPING\r\nUNSUB 7\r\n" + COVERING_PING);
    }

    @Test
    void nothingIsHeldWhenNothingWasPublishedBefore() {
        PublishHold hold = move(SETTLE_NS);

        b.publish("2");

        assertThat(hold.isReleased()).isTrue();
        assertThat(b.received()).isEqualTo("PUB a 1\r\n2\r\n" + COVERING_PING);
        assertThat(hold.processed())
                .as("a flush still waits for the old server")
                .isNotDone();
        a.sends("PONG\r\n");
        assertThat(hold.processed()).isCompleted();
    }

    @Test
    void nothingIsHeldWithoutOrder() {
        a.publish("1");
        PublishHold hold = move(NO_ORDER);

        b.publish("2");

        assertThat(hold.step(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(b.received()).isEqualTo("PUB a 1\r\n2\r\n" + COVERING_PING);
    }

    @Test
    void aServerThatDoesNotAnswerHoldsNobodyUpForLong() {
        a.publish("1");
        PublishHold hold = move(SETTLE_NS);
        b.publish("2");

        assertThat(hold.step(nowNs + TIMEOUT_NS - 1)).isEqualTo(1);
        assertThat(b.received()).isEmpty();
        hold.step(nowNs + TIMEOUT_NS);

        assertThat(b.received()).isEqualTo("PUB a 1\r\n2\r\n" + COVERING_PING);
    }

    @Test
    void whatIsHeldIsLostNeitherWithTheOldServerNorWithTheNext() {
        a.publish("1");
        PublishHold hold = move(SETTLE_NS);
        b.publish("2");

        a.closes();
        long inDoubt = a.connection().writer().moveUnwritten(b.connection().outbound(), Ending.UNKNOWN, nowNs);
        assertThat(inDoubt).isEqualTo(1);
        assertThat(hold.processed()).isCompletedExceptionally();
        assertThat(hold.processed())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(NatsException.class);

        FakePeer c = FakePeer.ready("C", new ServerAddress("c", 4222), owner);
        b.closes();
        b.connection().writer().moveUnwritten(c.connection().outbound(), Ending.UNKNOWN, nowNs);
        c.connection().writer().flush();
        assertThat(c.received()).isEqualTo("PUB a 1\r\n2\r\n" + COVERING_PING);
        hold.step(nowNs);
        hold.step(nowNs + SETTLE_NS);
        assertThat(c.received()).as("once").isEmpty();
    }

    private static final class NobodyWaits extends Ping {
        @Override
        public void onPong() {}

        @Override
        public void onLost() {}
    }
}
