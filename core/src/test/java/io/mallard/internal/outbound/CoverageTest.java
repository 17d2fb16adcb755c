package io.mallard.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CoverageTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SETTLE_MS = TimeUnit.NANOSECONDS.toMillis(Coverage.SETTLE_NS);
    private static final long INTERVAL_MS = TimeUnit.NANOSECONDS.toMillis(Coverage.ASK_INTERVAL_NS);

    private final Coverage coverage = new Coverage();
    /** Shortly before the clock overflows. */
    private final long startNs = Long.MAX_VALUE - 5 * MS;

    // What is in doubt.

    @Test
    void withoutAPongEverythingTakenIsInDoubt() {
        coverage.onTaken(3);
        coverage.onTaken(4);

        assertThat(coverage.taken()).isEqualTo(7);
        assertThat(coverage.unanswered()).isEqualTo(7);
        assertThat(inDoubtWhenLost()).isEqualTo(7);
    }

    @Test
    void aPongAnswersForWhatWasTakenBeforeItsPing() {
        coverage.onTaken(7);
        pong(5, 0, 1);

        assertThat(coverage.unanswered()).isEqualTo(2);
    }

    @Test
    void aPongAloneSettlesNothing() {
        coverage.onTaken(7);
        pong(5, 0, 1);

        assertThat(inDoubtWhenLost()).isEqualTo(7);
    }

    @Test
    void thePongOfAPingThatWasSentASettleLaterDoes() {
        coverage.onTaken(7);
        pong(5, 0, 1);
        pong(5, 1 + SETTLE_MS, 2 + SETTLE_MS);

        assertThat(inDoubtWhenLost()).isEqualTo(2);
    }

    @Test
    void thePongOfAnEarlierPingDoesNotHoweverLateItIsRead() {
        coverage.onTaken(7);
        pong(5, 0, 1);
        pong(5, SETTLE_MS, 10 * SETTLE_MS);

        assertThat(inDoubtWhenLost()).isEqualTo(7);
    }

    @Test
    void aPongThatAnswersForNothingNewPutsNothingBackInDoubt() {
        coverage.onTaken(5);
        pong(5, 0, 0);
        pong(5, SETTLE_MS - 1, SETTLE_MS - 1);
        pong(5, SETTLE_MS, SETTLE_MS);

        assertThat(inDoubtWhenLost()).isZero();
    }

    @Test
    void ofPongsCloseTogetherTheFirstSettlesAlone() {
        pongsCloseTogether();
        pong(9, SETTLE_MS, SETTLE_MS);

        assertThat(inDoubtWhenLost()).isEqualTo(6);
    }

    @Test
    void ofPongsCloseTogetherTheLastSettlesToo() {
        pongsCloseTogether();
        pong(9, 2 + SETTLE_MS, 2 + SETTLE_MS);

        assertThat(inDoubtWhenLost()).isZero();
    }

    private void pongsCloseTogether() {
        coverage.onTaken(9);
        pong(3, 0, 0);
        pong(6, 1, 1);
        pong(9, 2, 2);
    }

    /** One publish every millisecond, PINGs at several paces that are answered at once, the loss at every moment. */
    @Test
    void whatWasAnsweredForWithinTheSettleIsInDoubtAndWhatIsTwiceAsOldIsNot() {
        for (long pongEveryMs : new long[] {1, 7, 19, 20, 21, 100}) {
            for (long lostMs = 0; lostMs < 300; lostMs++) {
                Coverage steady = new Coverage();
                for (long ms = 0; ms <= lostMs; ms++) {
                    steady.onTaken(1);
                    if (ms % pongEveryMs == 0) {
                        steady.onPong(ms + 1, startNs + ms * MS, startNs + ms * MS);
                    }
                }

                steady.onLost();

                long lastPongMs = lostMs - lostMs % pongEveryMs;
                assertThat(steady.taken() - steady.unanswered())
                        .as("a PONG every %d ms, lost after %d ms", pongEveryMs, lostMs)
                        .isBetween(
                                answeredBy(lastPongMs - 2 * SETTLE_MS, pongEveryMs),
                                answeredBy(lastPongMs - SETTLE_MS, pongEveryMs));
            }
        }
    }

    /** Publishes answered for at that time, of which there is one every millisecond from 0. */
    private static long answeredBy(long ms, long pongEveryMs) {
        return ms < 0 ? 0 : ms - ms % pongEveryMs + 1;
    }

    private void pong(long publishesBefore, long askedMs, long answeredMs) {
        coverage.onPong(publishesBefore, startNs + askedMs * MS, startNs + answeredMs * MS);
    }

    private long inDoubtWhenLost() {
        coverage.onLost();
        return coverage.unanswered();
    }

    // When to ask.

    @Test
    void asksAtOnceAfterAQuietTime() {
        assertThat(mayAskAt(0)).isTrue();
        assertThat(endPauseAt(0)).as("there is nothing to ask about").isFalse();
        assertThat(coverage.nsUntilPauseEnds(startNs)).isEqualTo(Coverage.FAR_NS);
    }

    @Test
    void asksNothingWhileAnAnswerIsToCome() {
        publishAndAskAt(0);

        assertThat(mayAskAt(10 * INTERVAL_MS)).isFalse();
        assertThat(endPauseAt(10 * INTERVAL_MS)).isFalse();
        assertThat(coverage.nsUntilPauseEnds(startNs)).isEqualTo(Coverage.FAR_NS);
    }

    @Test
    void asksOncePerIntervalCountedFromTheQuestion() {
        publishAndAskAt(0);
        answerAt(10, 1, 0);

        assertThat(mayAskAt(INTERVAL_MS - 1)).isFalse();
        assertThat(coverage.nsUntilPauseEnds(startNs + 10 * MS)).isEqualTo((INTERVAL_MS - 10) * MS);
        assertThat(mayAskAt(INTERVAL_MS)).isTrue();
    }

    @Test
    void asksNoSoonerThanTheAnswerCanSettleSomething() {
        publishAndAskAt(0);
        answerAt(INTERVAL_MS, 1, 0);

        assertThat(mayAskAt(INTERVAL_MS + SETTLE_MS - 1)).isFalse();
        assertThat(mayAskAt(INTERVAL_MS + SETTLE_MS)).isTrue();
    }

    @Test
    void asksAtTheEndOfABurstUntilAllOfItHasSettled() {
        publishAndAskAt(0);
        coverage.onTaken(1);
        answerAt(1, 1, 0);

        assertThat(endPauseAt(INTERVAL_MS - 1)).isFalse();
        assertThat(endPauseAt(INTERVAL_MS)).as("one is not answered for").isTrue();
        askAt(INTERVAL_MS);
        answerAt(INTERVAL_MS + 1, 2, INTERVAL_MS);
        assertThat(endPauseAt(2 * INTERVAL_MS)).as("that one has not settled").isTrue();
        askAt(2 * INTERVAL_MS);
        answerAt(2 * INTERVAL_MS + 1, 2, 2 * INTERVAL_MS);

        assertThat(endPauseAt(3 * INTERVAL_MS)).isFalse();
        assertThat(coverage.nsUntilPauseEnds(startNs + 3 * INTERVAL_MS * MS)).isEqualTo(Coverage.FAR_NS);
        assertThat(inDoubtWhenLost()).isZero();
    }

    @Test
    void asksACallerWhoReadTheClockBeforeThePauseEnded() {
        publishAndAskAt(0);
        answerAt(1, 1, 0);
        pong(1, 2 * SETTLE_MS, 2 * SETTLE_MS); // Of a flush.
        assertThat(endPauseAt(INTERVAL_MS)).isFalse();

        assertThat(mayAskAt(INTERVAL_MS - 1)).isTrue();
    }

    private void publishAndAskAt(long ms) {
        assertThat(mayAskAt(ms)).isTrue();
        askAt(ms);
        coverage.onTaken(1);
    }

    private void askAt(long ms) {
        coverage.onAsked(startNs + ms * MS);
    }

    private void answerAt(long ms, long publishesBefore, long askedMs) {
        pong(publishesBefore, askedMs, ms);
        coverage.onAnswered(startNs + ms * MS);
    }

    private boolean mayAskAt(long ms) {
        return coverage.mayAsk(startNs + ms * MS);
    }

    private boolean endPauseAt(long ms) {
        return coverage.endPause(startNs + ms * MS);
    }
}
