package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An {@link OutboundBuffer} that keeps what it has sent. */
class RetainingBufferTest {
    private static final int LIMIT = 1 << 20;
    private static final int ENOUGH = 2 * LIMIT;
    private static final int PUBLISH_BYTES = ProtocolEncoder.pubSize(1, 0, 0, 1);
    private static final String PING = "PING\r\n";
    private static final long FAR_NS = TimeUnit.HOURS.toNanos(1);

    private final TrafficCounters traffic = new TrafficCounters();
    private final OutboundBuffer buffer = retaining(ENOUGH);
    private final OutboundBuffer next = retaining(ENOUGH);
    private final List<String> pingEvents = new ArrayList<>();
    private CommandBatch draining = flippedBatch();
    private long nowNs = System.nanoTime();

    private OutboundBuffer retaining(int retainedBytes) {
        return OutboundBuffer.ofRetainingConnection(LIMIT, retainedBytes, traffic);
    }

    @Test
    void sendsAgainWhatMayBeLostAndBeforeWhatWasNeverSent() {
        publish(buffer, "1");
        publish(buffer, "2");
        takeAndWrite(buffer);
        publish(buffer, "3");
        take(buffer);
        publish(buffer, "4");
        publish(next, "0");

        assertThat(lose(buffer, next)).isZero();

        assertThat(buffer.publishesResent()).isEqualTo(2);
        assertThat(traffic.publishesResent()).as("not yet").isZero();
        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + pub("2") + PING + pub("0") + pub("3") + pub("4"));
        assertThat(traffic.publishesResent()).isEqualTo(2);
    }

    @Test
    void keepsThemAgainOnTheNextConnection() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        lose(buffer, next);
        takeAndWrite(next);
        OutboundBuffer third = retaining(LIMIT);

        assertThat(lose(next, third)).isZero();

        assertThat(takeAndWrite(third)).isEqualTo(pub("1") + PING);
    }

    @Test
    void atEveryWritePositionEachGoesOutExactlyOnceMore() {
        for (int position = 0; position <= 3 * PUBLISH_BYTES; position++) {
            OutboundBuffer dying = retaining(LIMIT);
            OutboundBuffer heir = retaining(LIMIT);
            draining = flippedBatch();
            publish(dying, "1");
            publish(dying, "2");
            publish(dying, "3");
            take(dying);
            draining.unwritten().position(position);

            assertThat(lose(dying, heir)).isZero();

            String all = pub("1") + pub("2") + pub("3");
            int executed = position / PUBLISH_BYTES * PUBLISH_BYTES;
            String sentAgain = executed == 0 ? "" : all.substring(0, executed) + PING;
            String sentFirst = all.substring(executed);
            assertThat(takeAndWrite(heir)).isEqualTo(sentAgain + sentFirst + (executed == 0 ? PING : ""));
        }
    }

    /** Or a slow link would find the connection stale before the server has answered for anything, again and again. */
    @Test
    void sendsThemAgainPartByPartSoThatOtherCommandsGetInBetween() {
        byte[] payload = new byte[100 << 10];
        for (int i = 0; i < 10; i++) {
            buffer.publish(
                    "a", null, null, payload, 0, payload.length, ProtocolEncoder.pubSize(1, 0, 0, payload.length));
        }
        takeAndWrite(buffer);
        lose(buffer, next);

        take(next);
        assertThat(draining.publishes()).isEqualTo(3);
        next.pong();
        take(next);
        assertThat(US_ASCII.decode(draining.unwritten()).toString()).isEqualTo("PONG\r\n");
        take(next);
        assertThat(draining.publishes()).isEqualTo(3);
    }

    @Test
    void moveOnInOrderFromAConnectionThatHasSentSomeOfThemAgain() {
        byte[] payload = new byte[300 << 10];
        for (String subject : List.of("a", "b", "c", "d")) {
            int size = ProtocolEncoder.pubSize(1, 0, 0, payload.length);
            buffer.publish(subject, null, null, payload, 0, payload.length, size);
            takeAndWrite(buffer);
        }
        lose(buffer, next);
        publish(next, "e");
        take(next);
        draining.unwritten().position(draining.unwritten().limit()); // "a" is written,
        take(next); // "b" is not,
        OutboundBuffer third = retaining(LIMIT);

        assertThat(lose(next, third)).isZero();

        assertThat(next.publishesResent()).isEqualTo(1);
        assertThat(third.publishesAgain()).isEqualTo(4);
        assertThat(takeAndWrite(third).replaceAll("PUB (.)[^P]*", "$1").replace(PING, ""))
                .isEqualTo("abcda"); // The last one is "e", which is published to "a".
    }

    @Test
    void doNotFillTheReconnectBuffer() {
        OutboundBuffer offline = OutboundBuffer.offline(PUBLISH_BYTES);
        publish(buffer, "1");
        takeAndWrite(buffer);

        lose(buffer, offline);

        assertThat(publish(offline, "2")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(offline, "3")).isEqualTo(Append.FULL);
        assertThat(offline.publishesAgain()).isEqualTo(1);
        assertThat(offline.abandon()).as("without those that may have arrived").isEqualTo(1);
    }

    /** A PONG alone is not enough, see {@link Coverage}; and only for a loss. */
    @Test
    void anAnswerCountsWhenTheServerHasLivedOn() {
        for (boolean lost : List.of(false, true)) {
            OutboundBuffer left = retaining(LIMIT);
            OutboundBuffer heir = retaining(LIMIT);
            publish(left, "1");
            takeAndWrite(left);
            left.onPong(nowNs);
            if (lost) {
                left.onLost();
            }
            left.seal();

            assertThat(left.moveUnwritten(draining, heir, new Ending(LIMIT, false), nowNs))
                    .isZero();

            assertThat(takeAndWrite(heir)).isEqualTo(lost ? pub("1") + PING : "");
        }
    }

    @Test
    void forgetsWhatHasSettled() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        settle(buffer);
        publish(buffer, "2");
        takeAndWrite(buffer);

        lose(buffer, next);

        assertThat(takeAndWrite(next)).isEqualTo(pub("2") + PING);
    }

    @Test
    void takesNoMorePublishesAboveItsBoundUntilSomeHaveSettled() throws InterruptedException {
        OutboundBuffer three = retaining(3 * PUBLISH_BYTES);
        publish(three, "1");
        publish(three, "2");
        takeAndWrite(three);
        assertThat(publish(three, "3")).isEqualTo(Append.ACCEPTED);

        assertThat(publish(three, "4")).isEqualTo(Append.FULL);
        assertThat(three.reply("a", null, "4".getBytes(US_ASCII), PUBLISH_BYTES))
                .isEqualTo(Append.FULL);
        assertThat(three.awaitRoom(PUBLISH_BYTES, System.nanoTime())).isFalse();
        assertThat(three.describeFill())
                .isEqualTo("12 of 1048576 bytes, and 24 of 36 bytes kept until the server has answered for them");
        assertThat(request(three)).as("which is not kept").isEqualTo(Append.ACCEPTED);

        takeAndWrite(three);
        assertThat(publish(three, "4")).isEqualTo(Append.FULL);
        settle(three);
        assertThat(three.awaitRoom(PUBLISH_BYTES, System.nanoTime())).isTrue();
        assertThat(publish(three, "4")).isEqualTo(Append.ACCEPTED);
    }

    @Test
    void takesWhatIsLargerThanItsBoundWhenItKeepsNothingElse() {
        OutboundBuffer tiny = retaining(1);

        assertThat(publish(tiny, "1")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(tiny, "2")).isEqualTo(Append.FULL);
    }

    /** It would close the next connection as well, and so on for ever. */
    @Test
    void whatTheServerMayHaveClosedTheConnectionForIsInDoubtInstead() {
        publish(buffer, "1");
        buffer.publish("b", null, null, new byte[9], 0, 9, ProtocolEncoder.pubSize(1, 0, 0, 9));
        publish(buffer, "2");
        takeAndWrite(buffer);
        buffer.onLost();
        buffer.seal();

        assertThat(buffer.moveUnwritten(draining, next, new Ending(8, true), nowNs))
                .isEqualTo(1);

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + pub("2") + PING);
    }

    /** Nobody knows which of them it was, and none gets through: it would go on like this for ever. */
    @Test
    void areInDoubtWhenTheServerEndsTheConnectionForOneOfThemAgain() {
        Ending blamed = new Ending(LIMIT, true);
        publish(buffer, "1");
        publish(buffer, "2");
        takeAndWrite(buffer);
        buffer.onLost();
        buffer.seal();
        assertThat(buffer.moveUnwritten(draining, next, blamed, nowNs)).isZero();
        takeAndWrite(next);
        next.onLost();
        next.seal();
        OutboundBuffer third = retaining(LIMIT);

        assertThat(next.moveUnwritten(draining, third, blamed, nowNs)).isEqualTo(2);

        assertThat(takeAndWrite(third)).isEmpty();
    }

    @Test
    void whatIsHalfWrittenWhenTheServerEndsTheConnectionForIsInDoubt() {
        publish(buffer, "1");
        publish(buffer, "2");
        take(buffer);
        draining.unwritten().position(PUBLISH_BYTES - 1);
        buffer.seal();

        assertThat(buffer.moveUnwritten(draining, next, new Ending(LIMIT, true), nowNs))
                .isEqualTo(1);

        assertThat(takeAndWrite(next)).isEqualTo(pub("2") + PING);
    }

    @Test
    void isInDoubtAfterAllWhereThereIsNoNextConnection() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        OutboundBuffer nowhere = OutboundBuffer.nowhere();

        assertThat(lose(buffer, nowhere)).isEqualTo(1);

        assertThat(nowhere.abandon()).isZero();
    }

    @Test
    void whatWaitsForAConnectionWaitsInItsOrder() {
        OutboundBuffer offline = OutboundBuffer.offline(0);
        publish(buffer, "1");
        takeAndWrite(buffer);

        assertThat(lose(buffer, offline)).isZero();
        offline.seal();
        offline.moveTo(next, nowNs);

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + PING);
    }

    /** Its PONG from elsewhere says that all before it were processed, because all of them go before it. */
    @Test
    void aFlushThatWasNotSentIsAnsweredByTheNextServer() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        buffer.ping(new RecordingPing("flush", pingEvents));

        lose(buffer, next);

        assertThat(pingEvents).isEmpty();
        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + PING + PING);
        next.onPong(nowNs); // Of the covering PING.
        next.onPong(nowNs);
        assertThat(pingEvents).containsExactly("flush answered");
    }

    private long lose(OutboundBuffer lost, OutboundBuffer heir) {
        lost.onLost();
        lost.seal();
        return lost.moveUnwritten(draining, heir, new Ending(LIMIT, false), nowNs);
    }

    /** Two answers, the second one to a PING sent a settle after the first. */
    private void settle(OutboundBuffer settling) {
        settling.onPong(nowNs);
        nowNs += Coverage.ASK_INTERVAL_NS;
        settling.coverTail(nowNs);
        takeAndWrite(settling);
        settling.onPong(nowNs);
    }

    private static Append publish(OutboundBuffer target, String digit) {
        return target.publish("a", null, null, digit.getBytes(US_ASCII), 0, 1, PUBLISH_BYTES);
    }

    private static String pub(String digit) {
        return "PUB a 1\r\n" + digit + "\r\n";
    }

    private Append request(OutboundBuffer target) {
        byte[] inbox = "i.".getBytes(US_ASCII);
        int size = ProtocolEncoder.pubSize(1, ProtocolEncoder.requestReplySize(inbox, 1), 0, 0);
        return target.request(new FakeRequest(nowNs + FAR_NS), "r", inbox, 1, new byte[0], 0, 0, size);
    }

    /** Takes one batch, of which nothing is written yet. */
    private void take(OutboundBuffer from) {
        draining = from.take(draining, nowNs);
    }

    private String takeAndWrite(OutboundBuffer from) {
        StringBuilder wire = new StringBuilder();
        CommandBatch taken;
        while ((taken = from.take(draining, nowNs)) != null) {
            draining = taken;
            wire.append(US_ASCII.decode(taken.unwritten()));
        }
        return wire.toString();
    }

    private static CommandBatch flippedBatch() {
        CommandBatch batch = new CommandBatch();
        batch.flip();
        return batch;
    }
}
