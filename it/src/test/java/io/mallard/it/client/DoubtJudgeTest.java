package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DoubtJudgeTest {
    private static final long LOST_AT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long FROM_NS = TimeUnit.MILLISECONDS.toNanos(9_050);

    private final DoubtJudge judge = new DoubtJudge();
    private final Numbers arrived = new Numbers();

    /** Ten seconds, ten publishes a second: the first is accepted at 0.1 s, the last when the connection is lost. */
    @BeforeEach
    void aHundredAreAccepted() {
        for (long number = 1; number <= 100; number++) {
            judge.accepted(number, TimeUnit.MILLISECONDS.toNanos(100 * number));
        }
    }

    private void arrive(long first, long last) {
        LongStream.rangeClosed(first, last).forEach(number -> arrived.add(Numbers.payload(number)));
    }

    @Test
    void findsNothingWhenEverythingArrivedAndNothingIsInDoubt() {
        arrive(1, 100);

        assertThat(judge.findings(arrived, 0, FROM_NS, LOST_AT_NS)).isEmpty();
    }

    @Test
    void findsNothingWhenAllThatIsLostIsInDoubt() {
        arrive(1, 97);

        assertThat(judge.findings(arrived, 3, FROM_NS, LOST_AT_NS)).isEmpty();
    }

    @Test
    void findsAPublishThatIsNeitherDeliveredNorInDoubt() {
        arrive(1, 96);

        assertThat(judge.findings(arrived, 3, FROM_NS, LOST_AT_NS)).containsExactly("4 lost, and only 3 in doubt");
    }

    @Test
    void findsALossThatIsReportedAsNone() {
        arrive(1, 49);
        arrive(51, 100);

        assertThat(judge.findings(arrived, 0, FROM_NS, LOST_AT_NS)).containsExactly("1 lost, and only 0 in doubt");
    }

    @Test
    void findsABoundThatIsTooWide() {
        arrive(1, 100);
        judge.accepted(101, LOST_AT_NS + 1); // On the next connection.
        arrive(101, 101);

        assertThat(judge.findings(arrived, 10, FROM_NS, LOST_AT_NS)).isEmpty();
        assertThat(judge.findings(arrived, 11, FROM_NS, LOST_AT_NS))
                .containsExactly("11 in doubt, and only 10 accepted in that time");
    }

    @Test
    void owesNothingForWhatTheClientDidNotTake() {
        arrive(1, 100);

        assertThat(arrived.has(101)).isFalse();
        assertThat(judge.findings(arrived, 0, FROM_NS, LOST_AT_NS)).isEmpty();
    }
}
