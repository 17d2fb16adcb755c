package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutboundBufferTest {
    private static final byte[] INBOX = "i.".getBytes(US_ASCII);
    private static final int LIMIT = 1 << 20;
    private static final long HOUR_NS = TimeUnit.HOURS.toNanos(1);
    /** {@code PUB a 1␍␊x␍␊}. */
    private static final int PUBLISH_BYTES = ProtocolEncoder.pubSize(1, 0, 0, 1);

    /** {@code PUB r i.1 0␍␊␍␊}. */
    private static final int REQUEST_BYTES = ProtocolEncoder.pubSize(1, 3, 0, 0);

    /** What the first batch with a publish ends with. */
    private static final String COVERING_PING = "PING\r\n";

    private final OutboundBuffer buffer = OutboundBuffer.ofConnection(LIMIT);
    private final OutboundBuffer next = OutboundBuffer.ofConnection(LIMIT);
    private final List<String> pingEvents = new ArrayList<>();
    private CommandBatch draining = flippedBatch();
    private long nowNs = System.nanoTime();

    // The limit.

    @Test
    void acceptsToTheLastByteOfTheLimitAndHasRoomAgainWhenTaken() {
        OutboundBuffer three = OutboundBuffer.ofConnection(3 * PUBLISH_BYTES);

        assertThat(publish(three, "1")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(three, "2")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(three, "3")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(three, "4")).isEqualTo(Append.FULL);
        assertThat(three.describeFill()).isEqualTo("36 of 36 bytes");

        assertThat(takeAndWrite(three)).isEqualTo(pub("1") + pub("2") + pub("3") + COVERING_PING);
        assertThat(publish(three, "4")).isEqualTo(Append.ACCEPTED);
    }

    @Test
    void aConnectionAcceptsAnythingWhenNothingElseIsBuffered() {
        OutboundBuffer tiny = OutboundBuffer.ofConnection(1);

        assertThat(publish(tiny, "1")).isEqualTo(Append.ACCEPTED);
        assertThat(publish(tiny, "2")).isEqualTo(Append.FULL);
    }

    @Test
    void theReconnectBufferIsStrict() {
        assertThat(publish(OutboundBuffer.offline(PUBLISH_BYTES - 1), "1")).isEqualTo(Append.FULL);
        assertThat(publish(OutboundBuffer.offline(PUBLISH_BYTES), "1")).isEqualTo(Append.ACCEPTED);
    }

    @Test
    void aReconnectBufferOfNothingKeepsNothing() {
        OutboundBuffer none = OutboundBuffer.offline(0);

        assertThat(publish(none, "1")).isEqualTo(Append.FULL);
        assertThat(request(none, 1, System.nanoTime() + HOUR_NS)).isEqualTo(Append.FULL);
        assertThat(none.describeFill()).isEqualTo("0 of 0 bytes");
    }

    @Test
    void keepsEightMebibytesOfSixteenByteMessages() {
        int limit = 8 << 20;
        OutboundBuffer offline = OutboundBuffer.offline(limit);
        byte[] payload = new byte[16];
        int size = ProtocolEncoder.pubSize(1, 0, 0, payload.length);

        int accepted = 0;
        while (offline.publish("a", null, null, payload, 0, payload.length, size) == Append.ACCEPTED) {
            accepted++;
        }

        assertThat(accepted).isEqualTo(limit / size);
        offline.seal();
        offline.moveTo(next, 0);
        assertThat(takeAndWrite(next)).hasSize(accepted * size + COVERING_PING.length());
    }

    @Test
    void whatALostConnectionHasLeftGoesAheadOfWhatIsHeldBackFromIt() {
        OutboundBuffer heldBack = OutboundBuffer.offline(LIMIT);
        publish(buffer, "1");
        buffer.seal();
        heldBack.hold();
        publish(heldBack, "2");
        buffer.moveUnwritten(draining, heldBack, Ending.UNKNOWN, 0);
        publish(heldBack, "3");

        heldBack.seal();
        heldBack.moveTo(next, 0);

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + pub("2") + pub("3") + COVERING_PING);
    }

    @Test
    void theLimitIsForData() {
        OutboundBuffer none = OutboundBuffer.offline(0);

        assertThat(none.subscribe("a", null, 2)).isEqualTo(Append.ACCEPTED);
        assertThat(none.unsubscribe(2, 0)).isEqualTo(Append.ACCEPTED);
        assertThat(none.ping(ping("flush"))).isEqualTo(Append.ACCEPTED);
    }

    // What is encoded.

    @Test
    void encodesEveryCommandOfAUserInTheOrderOfTheCalls() {
        ByteBuffer payload = ByteBuffer.allocateDirect(4).put("-23-".getBytes(US_ASCII));
        payload.position(1).limit(3);

        buffer.publish("a", "r", null, "-1-".getBytes(US_ASCII), 1, 1, ProtocolEncoder.pubSize(1, 1, 0, 1));
        buffer.publish("a", null, null, payload, ProtocolEncoder.pubSize(1, 0, 0, 2));
        request(buffer, 7, System.nanoTime() + HOUR_NS);
        buffer.subscribe("b.*", "q", 2);
        buffer.unsubscribe(2, 0);
        buffer.ping(ping("flush"));

        assertThat(takeAndWrite(buffer))
                .isEqualTo(String.join(
                        "\r\n",
                        "PUB a r 1",
                        "1",
                        "PUB a 2",
                        "23",
                        "PUB r i.7 0",
                        "",
                        "SUB b.* q 2",
                        "UNSUB 2",
                        "PING",
                        COVERING_PING));
        assertThat(payload.position()).isEqualTo(1);
        assertThat(payload.limit()).isEqualTo(3);
    }

    @Test
    void aPayloadThatIsNotThereLeavesNothingOfItsCommandBehind() {
        assertThatThrownBy(() -> buffer.publish("a", null, null, new byte[4], 2, 3, 16))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.publish("a", null, null, new byte[4], 0, -1, 16))
                .isInstanceOf(IndexOutOfBoundsException.class);
        publish(buffer, "1");

        assertThat(takeAndWrite(buffer)).isEqualTo(pub("1") + COVERING_PING);
    }

    @Test
    void anExpiredRequestIsNeverTaken() {
        publish(buffer, "1");
        request(buffer, 1, nowNs - 1);
        buffer.ping(ping("flush"));
        request(buffer, 2, nowNs + HOUR_NS);

        assertThat(takeAndWrite(buffer)).isEqualTo(pub("1") + "PING\r\n" + req(2) + COVERING_PING);
        assertThat(buffer.onPong(nowNs)).isTrue();
        assertThat(pingEvents).containsExactly("flush answered");
    }

    @Test
    void requestsThatHaveExpiredMakeRoom() {
        OutboundBuffer four = OutboundBuffer.offline(4 * REQUEST_BYTES);
        request(four, 1, nowNs - HOUR_NS);
        request(four, 2, nowNs + HOUR_NS);
        four.ping(ping("flush"));
        request(four, 3, nowNs - HOUR_NS);

        assertThat(request(four, 4, nowNs + HOUR_NS)).isEqualTo(Append.ACCEPTED);
        assertThat(request(four, 5, nowNs + HOUR_NS)).isEqualTo(Append.ACCEPTED);
        assertThat(request(four, 6, nowNs + HOUR_NS)).isEqualTo(Append.FULL);

        assertThat(takeAndWrite(four)).isEqualTo(req(2) + "PING\r\n" + req(4) + req(5));
        assertThat(four.onPong(nowNs)).isTrue();
        assertThat(pingEvents).containsExactly("flush answered");
    }

    @Test
    void anExpiredRequestMakesRoomForAPublish() {
        OutboundBuffer one = OutboundBuffer.offline(REQUEST_BYTES);
        request(one, 1, System.nanoTime() - HOUR_NS);

        assertThat(publish(one, "1")).isEqualTo(Append.ACCEPTED);
        assertThat(one.describeFill()).isEqualTo(PUBLISH_BYTES + " of " + REQUEST_BYTES + " bytes");
    }

    @Test
    void withoutAConnectionNobodyIsToldOfSubscriptions() {
        OutboundBuffer offline = OutboundBuffer.offline(LIMIT);

        assertThat(offline.subscribe("a", null, 2)).isEqualTo(Append.ACCEPTED);
        assertThat(offline.unsubscribe(2, 0)).isEqualTo(Append.ACCEPTED);

        assertThat(offline.describeFill()).startsWith("0 of ");
    }

    // Who goes first.

    @Test
    void whatIsUrgentGoesAheadOfDataInItsOwnOrder() {
        publish(buffer, "1");
        buffer.connect("{}".getBytes(US_ASCII));
        buffer.urgentPing(ping("own"));
        buffer.urgentSubscribe("a", null, 2);
        buffer.urgentUnsubscribe(2, 0);
        buffer.pong();

        assertThat(takeAndWrite(buffer))
                .isEqualTo("CONNECT {}\r\nPING\r\nSUB a 2\r\nUNSUB 2\r\nPONG\r\n" + pub("1") + COVERING_PING);
    }

    @Test
    void aClosedGateHoldsDataBackAndNothingElse() {
        buffer.closeGate();
        publish(buffer, "1");
        buffer.urgentPing(ping("own"));

        assertThat(takeAndWrite(buffer)).isEqualTo("PING\r\n");
        assertThat(takeAndWrite(buffer)).isEmpty();

        buffer.openGate();
        assertThat(takeAndWrite(buffer)).isEqualTo(pub("1") + COVERING_PING);
    }

    @Test
    void theLastCommandsOfAConnectionGoBehindItsData() {
        publish(buffer, "1");
        buffer.seal();
        buffer.lastUnsubscribe(2, 0);
        buffer.lastPing(ping("own"));
        buffer.pong();

        assertThat(takeAndWrite(buffer)).isEqualTo("PONG\r\n" + pub("1") + "UNSUB 2\r\nPING\r\n" + COVERING_PING);
    }

    // The seal.

    @Test
    void aSealedBufferTakesNothingOfAUserAnyMore() {
        buffer.seal();

        assertThat(publish(buffer, "1")).isEqualTo(Append.SEALED);
        assertThat(buffer.publish("a", null, null, ByteBuffer.allocate(1), PUBLISH_BYTES))
                .isEqualTo(Append.SEALED);
        assertThat(request(buffer, 1, HOUR_NS)).isEqualTo(Append.SEALED);
        assertThat(buffer.subscribe("a", null, 2)).isEqualTo(Append.SEALED);
        assertThat(buffer.unsubscribe(2, 0)).isEqualTo(Append.SEALED);
        assertThat(buffer.ping(ping("flush"))).isEqualTo(Append.SEALED);
        assertThat(takeAndWrite(buffer)).isEmpty();
    }

    @Test
    void aFullBufferThatIsSealedSaysSo() {
        OutboundBuffer tiny = OutboundBuffer.ofConnection(1);
        publish(tiny, "1");
        tiny.seal();

        assertThat(publish(tiny, "2")).isEqualTo(Append.SEALED);
    }

    // PONGs, and what they cover.

    @Test
    void aPongAnswersTheEarliestPingOfTheWire() {
        buffer.ping(ping("flush"));
        buffer.urgentPing(ping("own"));
        takeAndWrite(buffer);

        assertThat(buffer.onPong(nowNs)).isTrue();
        assertThat(pingEvents).containsExactly("own answered");
        assertThat(buffer.onPong(nowNs)).isTrue();
        assertThat(pingEvents).containsExactly("own answered", "flush answered");
        assertThat(buffer.onPong(nowNs)).isFalse();
    }

    @Test
    void aPongWithoutATakenPingIsNobodys() {
        buffer.ping(ping("flush"));

        assertThat(buffer.onPong(nowNs)).isFalse();
        assertThat(pingEvents).isEmpty();
    }

    @Test
    void publishesBehindTheLastAnsweredPingAreInDoubt() {
        publish(buffer, "1");
        publish(buffer, "2");
        takeAndWrite(buffer);
        publish(buffer, "3");
        buffer.ping(ping("first"));
        publish(buffer, "4");
        takeAndWrite(buffer);
        buffer.urgentPing(ping("second"));
        publish(buffer, "5");
        request(buffer, 1, System.nanoTime() + HOUR_NS);
        takeAndWrite(buffer);

        buffer.onPong(nowNs); // Of the covering PING behind 1 and 2.
        buffer.onPong(nowNs);

        buffer.seal();
        assertThat(buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0)).isEqualTo(2);
        assertThat(pingEvents).containsExactly("first answered", "second lost");
        assertThat(takeAndWrite(next)).isEmpty();
    }

    @Test
    void anUrgentPingCoversWhatWasTakenBeforeIt() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        publish(buffer, "2");
        takeAndWrite(buffer);
        publish(buffer, "3");
        buffer.urgentPing(ping("own"));
        takeAndWrite(buffer);

        buffer.onPong(nowNs); // Of the covering PING behind 1.
        buffer.onPong(nowNs);

        buffer.seal();
        assertThat(buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0)).isEqualTo(1);
    }

    @Test
    void atEveryWritePositionAPublishIsEitherInDoubtOrMovedWhole() {
        List<String> commands = List.of(pub("1"), pub("2"), pub("3"));
        int size = 3 * PUBLISH_BYTES;
        for (int position = 0; position <= size; position++) {
            OutboundBuffer dying = OutboundBuffer.ofConnection(LIMIT);
            OutboundBuffer heir = OutboundBuffer.ofConnection(LIMIT);
            publish(dying, "1");
            publish(dying, "2");
            publish(dying, "3");
            CommandBatch half = dying.take(flippedBatch(), nowNs);
            half.unwritten().position(position);
            dying.seal();

            int executed = position / PUBLISH_BYTES;
            assertThat(dying.moveUnwritten(half, heir, Ending.UNKNOWN, 0)).isEqualTo(executed);
            String resent = String.join("", commands.subList(executed, 3));
            assertThat(takeAndWrite(heir)).isEqualTo(resent + (resent.isEmpty() ? "" : COVERING_PING));
        }
    }

    // The covering PING.

    @Test
    void publishesAfterAQuietTimeTakeOneCoveringPingAlong() {
        publish(buffer, "1");
        publish(buffer, "2");
        assertThat(takeAndWrite(buffer)).isEqualTo(pub("1") + pub("2") + COVERING_PING);

        nowNs += HOUR_NS;
        publish(buffer, "3");
        assertThat(takeAndWrite(buffer)).as("one is out already").isEqualTo(pub("3"));
        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.FAR_NS);
        assertThat(takeAndWrite(buffer)).isEmpty();
    }

    @Test
    void publishesThatGoOnTakeOneAlongPerInterval() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        buffer.onPong(nowNs);

        nowNs += Coverage.ASK_INTERVAL_NS - 1;
        publish(buffer, "2");
        assertThat(takeAndWrite(buffer)).isEqualTo(pub("2"));
        nowNs++;
        publish(buffer, "3");
        assertThat(takeAndWrite(buffer)).isEqualTo(pub("3") + COVERING_PING);
        buffer.onPong(nowNs);

        assertThat(buffer.isCovered()).isTrue();
    }

    @Test
    void theEndOfABurstIsCoveredAfterTheIntervalAndSettledAfterAnother() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        buffer.onPong(nowNs);
        publish(buffer, "2");
        assertThat(takeAndWrite(buffer)).isEqualTo(pub("2"));

        nowNs += Coverage.ASK_INTERVAL_NS - 1;
        assertThat(buffer.coverTail(nowNs)).isEqualTo(1);
        assertThat(takeAndWrite(buffer)).isEmpty();
        nowNs++;
        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.FAR_NS);
        assertThat(takeAndWrite(buffer)).isEqualTo(COVERING_PING);

        assertThat(buffer.isCovered()).isFalse();
        assertThat(buffer.onPong(nowNs)).isTrue();
        assertThat(buffer.isCovered()).isTrue();

        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.ASK_INTERVAL_NS);
        nowNs += Coverage.ASK_INTERVAL_NS;
        buffer.coverTail(nowNs);
        assertThat(takeAndWrite(buffer)).isEqualTo(COVERING_PING);
        buffer.onPong(nowNs);
        nowNs += Coverage.ASK_INTERVAL_NS;
        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.FAR_NS);
        assertThat(takeAndWrite(buffer)).isEmpty();
    }

    @Test
    void nothingIsAskedAboutPublishesThatFlushesHaveSettled() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        buffer.onPong(nowNs);
        publish(buffer, "2");
        buffer.ping(ping("flush"));
        takeAndWrite(buffer);
        buffer.onPong(nowNs);
        nowNs += Coverage.SETTLE_NS;
        buffer.ping(ping("another flush"));
        takeAndWrite(buffer);
        buffer.onPong(nowNs);

        nowNs += Coverage.ASK_INTERVAL_NS;
        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.FAR_NS);
        assertThat(takeAndWrite(buffer)).isEmpty();
    }

    @Test
    void nothingIsAskedWhenNothingIsPublished() {
        request(buffer, 1, nowNs + HOUR_NS);
        buffer.subscribe("a", null, 2);

        assertThat(takeAndWrite(buffer)).doesNotContain(COVERING_PING);
        assertThat(buffer.coverTail(nowNs)).isEqualTo(Coverage.FAR_NS);
    }

    @Test
    void theCoveringPingDiesWithItsConnectionWhereverItIs() {
        for (boolean written : List.of(false, true)) {
            OutboundBuffer dying = OutboundBuffer.ofConnection(LIMIT);
            publish(dying, "1");
            CommandBatch last = dying.take(flippedBatch(), nowNs);
            if (written) {
                last.unwritten().position(last.unwritten().limit());
            }
            dying.seal();
            OutboundBuffer heir = OutboundBuffer.ofConnection(LIMIT);

            assertThat(dying.moveUnwritten(last, heir, Ending.UNKNOWN, nowNs)).isEqualTo(written ? 1 : 0);

            assertThat(takeAndWrite(heir)).isEqualTo(written ? "" : pub("1") + COVERING_PING);
        }
    }

    @Test
    void whatWasAnsweredForJustBeforeALossIsInDoubtUnlikeOnAConnectionThatIsLeft() {
        for (boolean lost : List.of(false, true)) {
            OutboundBuffer left = OutboundBuffer.ofConnection(LIMIT);
            publish(left, "1");
            takeAndWrite(left);
            left.onPong(nowNs);
            assertThat(left.isCovered()).isTrue();
            left.seal();
            if (lost) {
                left.onLost();
            }

            assertThat(left.moveUnwritten(draining, next, Ending.UNKNOWN, nowNs))
                    .isEqualTo(lost ? 1 : 0);
        }
    }

    @Test
    void whetherALaterPongSettlesAnAnswerDependsOnWhenItsPingWasTaken() {
        for (boolean inTime : List.of(false, true)) {
            OutboundBuffer dying = OutboundBuffer.ofConnection(LIMIT);
            publish(dying, "1");
            takeAndWrite(dying);
            dying.onPong(nowNs);
            nowNs += Coverage.SETTLE_NS - (inTime ? 0 : 1);
            dying.ping(ping("flush"));
            takeAndWrite(dying);
            nowNs += HOUR_NS;
            dying.onPong(nowNs);
            dying.onLost();
            dying.seal();

            assertThat(dying.moveUnwritten(draining, next, Ending.UNKNOWN, nowNs))
                    .isEqualTo(inTime ? 0 : 1);
        }
    }

    // The move.

    @Test
    void movesInOrderBehindWhatIsThere() {
        publish(buffer, "1");
        publish(buffer, "2");
        take(buffer).position(PUBLISH_BYTES - 1);
        publish(buffer, "3");
        publish(next, "0");
        buffer.seal();

        buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0);

        assertThat(takeAndWrite(next)).isEqualTo(pub("0") + pub("1") + pub("2") + pub("3") + COVERING_PING);
    }

    @Test
    void movesRegardlessOfTheLimit() {
        OutboundBuffer tiny = OutboundBuffer.offline(1);
        publish(buffer, "1");
        publish(buffer, "2");
        buffer.seal();

        buffer.moveUnwritten(draining, tiny, Ending.UNKNOWN, 0);

        assertThat(takeAndWrite(tiny)).isEqualTo(pub("1") + pub("2") + COVERING_PING);
    }

    @Test
    void movesNoRequestThatHasExpired() {
        request(buffer, 1, 99);
        request(buffer, 2, 100);
        request(buffer, 3, 101);
        buffer.seal();
        OutboundBuffer gated = OutboundBuffer.ofConnection(LIMIT);

        buffer.moveTo(gated, 100);

        assertThat(gated.describeFill()).startsWith("PUB r i.3 0\r\n\r\n".length() + " of ");
    }

    @Test
    void whatAConnectionSaysForItselfDiesWithIt() {
        buffer.connect("{}".getBytes(US_ASCII));
        buffer.pong();
        buffer.urgentPing(ping("own"));
        publish(buffer, "1");
        buffer.seal();
        buffer.lastPing(ping("last"));

        buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0);

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + COVERING_PING);
        assertThat(pingEvents).containsExactly("own lost", "last lost");
    }

    @Test
    void noSubOrUnsubMovesBecauseTheNextConnectionIsToldOfWhatThereIs() {
        buffer.subscribe("a", null, 2);
        buffer.unsubscribe(3, 0);
        buffer.urgentSubscribe("b", null, 4);
        publish(buffer, "1");
        buffer.seal();
        buffer.lastUnsubscribe(4, 0);

        buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0);

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + COVERING_PING);
    }

    @Test
    void aFlushThatWasNotWrittenMovesAlongWhenNothingIsInDoubt() {
        publish(buffer, "1");
        buffer.ping(ping("flush"));
        buffer.seal();

        assertThat(buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0)).isZero();

        assertThat(takeAndWrite(next)).isEqualTo(pub("1") + "PING\r\n" + COVERING_PING);
        publish(next, "2");
        takeAndWrite(next);
        assertThat(next.onPong(nowNs)).isTrue();
        assertThat(pingEvents).containsExactly("flush answered");
        next.seal();
        assertThat(next.moveUnwritten(draining, OutboundBuffer.offline(0), Ending.UNKNOWN, 0))
                .isEqualTo(1);
    }

    @Test
    void aHalfWrittenFlushMovesAlongToo() {
        buffer.ping(ping("flush"));
        take(buffer).position(3);
        buffer.seal();

        buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0);

        assertThat(takeAndWrite(next)).isEqualTo("PING\r\n");
        assertThat(pingEvents).isEmpty();
    }

    @Test
    void aFlushBehindPublishesInDoubtIsLostWithThem() {
        publish(buffer, "1");
        takeAndWrite(buffer);
        publish(buffer, "2");
        buffer.ping(ping("flush"));
        buffer.seal();

        assertThat(buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0)).isEqualTo(1);

        assertThat(takeAndWrite(next)).isEqualTo(pub("2") + COVERING_PING);
        assertThat(pingEvents).containsExactly("flush lost");
    }

    // What becomes of a request.

    @Test
    void aRequestWaitsInTheBufferThatAcceptedItUntilItIsTaken() {
        FakeRequest request = new FakeRequest(System.nanoTime() + HOUR_NS);
        request(buffer, 1, request);
        assertThat(request.buffer()).isSameAs(buffer);
        assertThat(request.isTaken()).isFalse();

        take(buffer);

        assertThat(request.buffer()).isSameAs(buffer);
        assertThat(request.isTaken()).isTrue();
    }

    @Test
    void aRequestThatWasRefusedWaitsNowhere() {
        FakeRequest request = new FakeRequest(System.nanoTime() + HOUR_NS);

        request(OutboundBuffer.offline(0), 1, request);
        buffer.seal();
        request(buffer, 1, request);

        assertThat(request.buffer()).isNull();
    }

    @Test
    void aRequestNobodyWantsIsNeitherTakenNorMoved() {
        FakeRequest taken = new FakeRequest(System.nanoTime() + HOUR_NS);
        FakeRequest moved = new FakeRequest(System.nanoTime() + HOUR_NS);
        request(buffer, 1, taken);
        request(buffer, 2, System.nanoTime() + HOUR_NS);
        taken.end();
        assertThat(takeAndWrite(buffer)).isEqualTo(req(2));
        assertThat(taken.isTaken()).isFalse();

        request(buffer, 3, moved);
        take(buffer);
        assertThat(moved.isTaken()).isTrue();
        moved.end();
        buffer.seal();
        buffer.moveUnwritten(draining, next, Ending.UNKNOWN, 0);
        assertThat(takeAndWrite(next)).isEmpty();
        assertThat(moved.isTaken()).isFalse();
    }

    @Test
    void atEveryWritePositionARequestIsEitherTakenOrMovedWhole() {
        int size = 2 * REQUEST_BYTES;
        for (int position = 0; position <= size; position++) {
            OutboundBuffer dying = OutboundBuffer.ofConnection(LIMIT);
            OutboundBuffer heir = OutboundBuffer.ofConnection(LIMIT);
            List<FakeRequest> requests = new ArrayList<>();
            for (int token = 1; token <= 3; token++) {
                FakeRequest request = new FakeRequest(System.nanoTime() + HOUR_NS);
                request(dying, token, request);
                requests.add(request);
                if (token == 2) { // The third one stays where callers put it.
                    draining = dying.take(flippedBatch(), System.nanoTime());
                }
            }
            draining.unwritten().position(position);
            dying.seal();

            dying.moveUnwritten(draining, heir, Ending.UNKNOWN, System.nanoTime());

            int executed = position / REQUEST_BYTES;
            for (FakeRequest request : requests.subList(0, executed)) {
                assertThat(request.buffer()).as("at %d", position).isSameAs(dying);
                assertThat(request.isTaken()).as("at %d", position).isTrue();
            }
            for (FakeRequest request : requests.subList(executed, 3)) {
                assertThat(request.buffer()).as("at %d", position).isSameAs(heir);
                assertThat(request.isTaken()).as("at %d", position).isFalse();
            }
            takeAndWrite(heir);
            assertThat(requests).allMatch(FakeRequest::isTaken);
        }
    }

    // Waiting for room.

    @Test
    void waitsForRoomUntilTheBufferIsTaken() throws Exception {
        OutboundBuffer tiny = OutboundBuffer.ofConnection(1);
        publish(tiny, "1");
        CompletableFuture<Boolean> waiter = waitForRoom(tiny);

        takeAndWrite(tiny);

        assertThat(waiter.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void waitsForRoomUntilTheBufferIsSealed() throws Exception {
        OutboundBuffer tiny = OutboundBuffer.ofConnection(1);
        publish(tiny, "1");
        CompletableFuture<Boolean> waiter = waitForRoom(tiny);

        tiny.seal();

        assertThat(waiter.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void givesUpWaitingForRoomAtTheDeadline() throws Exception {
        OutboundBuffer tiny = OutboundBuffer.ofConnection(1);
        publish(tiny, "1");
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5);

        assertThat(tiny.awaitRoom(PUBLISH_BYTES, deadlineNs)).isFalse();
        assertThat(System.nanoTime() - deadlineNs).isNotNegative();
    }

    private static CompletableFuture<Boolean> waitForRoom(OutboundBuffer full) {
        CompletableFuture<Boolean> hadRoom = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            try {
                hadRoom.complete(full.awaitRoom(PUBLISH_BYTES, System.nanoTime() + HOUR_NS));
            } catch (InterruptedException e) {
                hadRoom.completeExceptionally(e);
            }
        });
        waiter.setDaemon(true);
        waiter.start();
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
            assertThat(hadRoom).isNotDone();
            Thread.onSpinWait();
        }
        return hadRoom;
    }

    private Ping ping(String name) {
        return new RecordingPing(name, pingEvents);
    }

    private static Append publish(OutboundBuffer target, String digit) {
        return target.publish("a", null, null, digit.getBytes(US_ASCII), 0, 1, PUBLISH_BYTES);
    }

    private static String pub(String digit) {
        return "PUB a 1\r\n" + digit + "\r\n";
    }

    private static String req(int token) {
        return "PUB r i." + token + " 0\r\n\r\n";
    }

    private static Append request(OutboundBuffer target, long token, long deadlineNs) {
        return request(target, token, new FakeRequest(deadlineNs));
    }

    private static Append request(OutboundBuffer target, long token, FakeRequest request) {
        int size = ProtocolEncoder.pubSize(1, ProtocolEncoder.requestReplySize(INBOX, token), 0, 0);
        return target.request(request, "r", INBOX, token, new byte[0], 0, 0, size);
    }

    /** Takes one batch, of which nothing is written yet. */
    private ByteBuffer take(OutboundBuffer from) {
        draining = from.take(draining, nowNs);
        return draining.unwritten();
    }

    /** Takes and writes everything there is. */
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
