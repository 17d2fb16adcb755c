package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.it.judge.History.Finding;
import io.mallard.it.judge.History.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The checker is given doctored histories: it must find what was done to them, and nothing else. */
class HistoryTest {
    private static final Duration LATEST = Duration.ofMillis(100);

    private long nowNs = 1_000;
    private final History history = new History(() -> nowNs);
    private final Publisher publisher = history.publisher("p");
    private final Receiver receiver = history.receiver("r", publisher);

    private byte[] send() {
        passes(1);
        return publisher.next();
    }

    private void passes(long ms) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    @Test
    void findsNothingWhereNothingHappened() {
        for (int i = 0; i < 10; i++) {
            receiver.received(send());
        }
        assertThat(history.verdict(LATEST)).isEmpty();
        assertThat(receiver.isComplete()).isTrue();
        assertThatCode(() -> history.assertExact(LATEST)).doesNotThrowAnyException();
    }

    @Test
    void findsALostMessageAndSaysWhen() {
        receiver.received(send());
        history.event("lame duck");
        passes(2);
        send();
        receiver.received(send());

        assertThat(only())
                .isEqualTo(new Finding(
                        Kind.LOST,
                        1,
                        "p → r, first number 2 sent 3.0 ms after \"lame duck\", last number 2 sent 3.0 ms after \"lame duck\","
                                + " of 3"));
        assertThatThrownBy(() -> history.assertExact(LATEST))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("LOST × 1: p → r, first number 2");
    }

    @Test
    void findsADuplicate() {
        byte[] message = send();
        receiver.received(message);
        receiver.received(message);
        assertThat(only().kind()).isEqualTo(Kind.DUPLICATED);
    }

    @Test
    void findsTwoThatChangedPlaces() {
        byte[] first = send();
        receiver.received(send());
        receiver.received(first);
        assertThat(only().kind()).isEqualTo(Kind.REORDERED);
        assertThat(only().text()).contains("first number 1 ");
    }

    @Test
    void findsALateOne() {
        byte[] message = send();
        passes(LATEST.toMillis());
        receiver.received(message);
        assertThat(history.verdict(LATEST)).isEmpty();

        byte[] later = send();
        passes(LATEST.toMillis() + 1);
        receiver.received(later);
        assertThat(only().kind()).isEqualTo(Kind.LATE);
    }

    @Test
    void aRefusedMessageIsNotLost() {
        send();
        publisher.refused();
        receiver.received(send());
        assertThat(history.verdict(LATEST)).isEmpty();
    }

    @Test
    void findsThatAReceiverHeardNothing() {
        send();
        assertThat(only().kind()).isEqualTo(Kind.LOST);
    }

    @Test
    void aScenarioWithoutMessagesProvesNothing() {
        assertThat(only().kind()).isEqualTo(Kind.SILENT);
        assertThat(new History().verdict(LATEST)).extracting(Finding::kind).containsExactly(Kind.SILENT);
    }

    @Test
    void doubtExcusesAsManyLossesAndNoMore() {
        send();
        send();
        receiver.received(send());
        assertThatCode(() -> history.assertExactExceptLost(2, LATEST)).doesNotThrowAnyException();
        assertThatThrownBy(() -> history.assertExactExceptLost(1, LATEST))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("LOST × 2")
                .hasMessageContaining("1 in doubt");
    }

    @Test
    void aGroupHasNoOrderButGetsEachOnce() {
        Receiver group = history.group("g", publisher);
        byte[] first = send();
        byte[] second = send();
        receiver.received(first);
        receiver.received(second);
        group.received(second);
        group.received(first);
        assertThat(history.verdict(LATEST)).isEmpty();
        group.received(first);
        assertThat(only().kind()).isEqualTo(Kind.DUPLICATED);
        assertThat(only().text()).startsWith("p → g");
    }

    @Test
    void tellsPublishersApart() {
        Publisher other = history.publisher("q");
        receiver.received(send());
        Receiver both = history.receiver("both", publisher, other);
        both.received(other.next());
        assertThat(only().text()).startsWith("p → both, first number 1");
    }

    @Test
    void findsARequestThatFailedAndOneThatWasExecutedTwice() {
        receiver.received(send());
        Requests requests = history.requests("requests");
        byte[] good = requests.begin();
        requests.executed(good);
        requests.answered(good, good);
        assertThat(history.verdict(LATEST)).isEmpty();

        byte[] failed = requests.begin();
        requests.failed(failed, new IllegalStateException("no reply"));
        byte[] twice = requests.begin();
        requests.executed(twice);
        requests.executed(twice);
        requests.answered(twice, twice);
        requests.begin();
        byte[] wrong = requests.begin();
        requests.answered(wrong, good);

        List<Finding> findings = history.verdict(LATEST);
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.FAILED, Kind.EXECUTED_TWICE);
        assertThat(findings.get(0).count())
                .as("failed, without an end, and wrong")
                .isEqualTo(3);
        assertThat(findings.get(0).text()).contains("no reply").contains("first number 2");
        assertThat(findings.get(1).text()).contains("first number 3");
    }

    private Finding only() {
        List<Finding> findings = history.verdict(LATEST);
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    @Test
    void excusesNoMoreLossesThanThePublisherWasToldOf() {
        receiver.received(send());
        send();
        send();
        receiver.received(send());

        publisher.mayLose(2);
        assertThat(history.verdict(LATEST)).isEmpty();
        publisher.mayLose(1);
        assertThat(only().kind()).isEqualTo(Kind.LOST);
        assertThat(only().count()).isEqualTo(2);
    }

    @Test
    void excusesLossesOfAnOutageAloneAndNothingElseOfIt() {
        receiver.received(send());
        long fromNs = nowNs;
        byte[] twice = send();
        send();
        long toNs = nowNs;
        receiver.received(twice);
        receiver.received(send());
        publisher.mayLoseBetween(fromNs, toNs);
        assertThat(history.verdict(LATEST)).isEmpty();

        receiver.received(twice);
        assertThat(only().kind()).isEqualTo(Kind.DUPLICATED);
        send();
        assertThat(history.verdict(LATEST)).extracting(Finding::kind).containsExactly(Kind.LOST, Kind.DUPLICATED);
    }

    @Test
    void excusesWhatWasOvertakenInATimeOfDisorderAndNothingElse() {
        long fromNs = nowNs;
        byte[] kept = send();
        long toNs = nowNs;
        receiver.received(send());
        receiver.received(kept);
        assertThat(only().kind()).isEqualTo(Kind.REORDERED);

        publisher.mayBeOvertakenBetween(fromNs, toNs);
        assertThat(history.verdict(LATEST)).isEmpty();

        byte[] overtaken = send();
        receiver.received(send());
        receiver.received(overtaken);
        assertThat(only().kind()).isEqualTo(Kind.REORDERED);
    }

    @Test
    void excusesFailedRequestsOfAnOutageButNoneThatWasExecutedTwice() {
        receiver.received(send());
        Requests requests = history.requests("q");
        byte[] failed = requests.begin();
        requests.failed(failed, new IllegalStateException("cut off"));
        assertThat(only().kind()).isEqualTo(Kind.FAILED);

        requests.mayFailBetween(nowNs, nowNs);
        assertThat(history.verdict(LATEST)).isEmpty();
        requests.executed(failed);
        requests.executed(failed);
        assertThat(only().kind()).isEqualTo(Kind.EXECUTED_TWICE);
    }
}
