package io.mallard.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.PublishReliability;
import io.mallard.it.chaos.ChaosJudge.Ruling;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Doctored histories for each promise: what it excludes is found at the fault it happened at, and what it allows is not. */
class ChaosJudgeTest {
    private static final long BEGAN_MS = 10_000;
    private static final long RECOVERED_MS = 10_200;
    private static final long ENDED_MS = 13_000;

    private PublishReliability reliability = PublishReliability.AT_MOST_ONCE;
    private long nowMs = 1_000;
    private final History history = new History(() -> TimeUnit.MILLISECONDS.toNanos(nowMs));
    private final Publisher published = history.publisher(Flow.PUBLISHES.name(0));
    private final Publisher plain = history.publisher(Flow.PLAIN.name(0));
    private final Receiver judge = history.receiver("judge", published);
    private final Receiver client = history.receiver("client", plain);
    private final Requests requests = history.requests(Flow.REQUESTS.name(0));

    @BeforeEach
    void theLoadHasBegun() {
        passAll();
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void nothingIsFoundWhereNothingHappened(FaultKind kind) {
        at(BEGAN_MS);
        passAll();

        assertThat(broken(kind, Victim.CARRIER, 0)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aCopyIsFoundAtEveryFault(FaultKind kind) {
        at(BEGAN_MS + 1);
        byte[] message = plain.next();
        client.received(message);
        client.received(message);

        assertThat(broken(kind, Victim.CARRIER, doubtAllowed(kind)))
                .singleElement()
                .asString()
                .startsWith(
                        kind
                                + " (fault 3, n2): 1 × DUPLICATED plain 0 → client, the first is number 2, sent 1.0 ms from the fault");
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aMessageBehindALaterOneIsFoundAtEveryFault(FaultKind kind) {
        at(BEGAN_MS + 1);
        byte[] message = plain.next();
        client.received(plain.next());
        client.received(message);

        assertThat(broken(kind, Victim.CARRIER, doubtAllowed(kind)))
                .singleElement()
                .asString()
                .contains("REORDERED");
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aRequestThatWasExecutedTwiceIsFoundAtEveryFault(FaultKind kind) {
        at(BEGAN_MS + 1);
        byte[] request = requests.begin();
        requests.executed(request);
        requests.executed(request);
        requests.answered(request, request);

        assertThat(broken(kind, Victim.CARRIER, doubtAllowed(kind)))
                .singleElement()
                .asString()
                .contains("EXECUTED_TWICE");
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aLostPublishMustBeInDoubt(FaultKind kind) {
        at(BEGAN_MS - 1);
        published.next();
        published.next();

        switch (kind.promise(Victim.CARRIER)) {
            case EXACT -> {
                assertThat(broken(kind, Victim.CARRIER, 0))
                        .singleElement()
                        .asString()
                        .contains("2 × LOST publishes 0");
            }
            case BROKEN_CONNECTION, SILENT_SERVER -> {
                assertThat(broken(kind, Victim.CARRIER, 2)).isEmpty();
                assertThat(broken(kind, Victim.CARRIER, 1))
                        .singleElement()
                        .asString()
                        .contains("2 publishes were lost or late, and only 1 reported as in doubt");
            }
            case CUT_OFF -> assertThat(broken(kind, Victim.CARRIER, 0)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aPublishThatArrivesLateMustBeInDoubt(FaultKind kind) {
        at(BEGAN_MS + 1);
        byte[] message = published.next();
        judge.received(published.next());
        judge.received(message);

        boolean allowed = kind.promise(Victim.CARRIER).allowsDoubt();
        assertThat(broken(kind, Victim.CARRIER, 0)).hasSize(1);
        assertThat(broken(kind, Victim.CARRIER, allowed ? 1 : 0)).hasSize(allowed ? 0 : 1);
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void doubtIsFoundWhereThereIsNoReasonForIt(FaultKind kind) {
        boolean allowed = kind.promise(Victim.CARRIER).allowsDoubt();

        assertThat(broken(kind, Victim.CARRIER, 1)).hasSize(allowed ? 0 : 1);
        for (Victim victim : kind.victims()) {
            if (victim != Victim.CARRIER) {
                assertThat(broken(kind, victim, 1)).containsExactly(kind + " (fault 3, n2): 1 publishes are in doubt");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aMessageToTheClientMayBeLostInTheGapAndNotBehindIt(FaultKind kind) {
        at(RECOVERED_MS - 1);
        plain.next();
        boolean allowed = kind.promise(Victim.CARRIER) != Promise.EXACT;

        assertThat(broken(kind, Victim.CARRIER, 0)).hasSize(allowed ? 0 : 1);

        at(RECOVERED_MS + 1);
        plain.next();
        assertThat(broken(kind, Victim.CARRIER, 0))
                .singleElement()
                .asString()
                .contains("LOST plain 0 → client")
                .contains(allowed ? "1 × " : "2 × ");
    }

    /** Other servers send to a group on a silent server until that has woken up. */
    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aMessageToAQueueGroupMayBeLostBehindTheGapOfASilentServerAlone(FaultKind kind) {
        Publisher queue = history.publisher(Flow.QUEUE.name(0));
        history.group("client", queue);
        at(RECOVERED_MS + 1);
        queue.next();

        assertThat(broken(kind, Victim.CARRIER, 0)).hasSize(kind == FaultKind.HANG ? 0 : 1);
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aRequestMayFailInTheGapAndNotBehindIt(FaultKind kind) {
        at(BEGAN_MS - ChaosJudge.REQUEST_UNDER_WAY.toMillis() + 1);
        fail("timed out");
        boolean allowed = kind.promise(Victim.CARRIER) != Promise.EXACT;

        assertThat(broken(kind, Victim.CARRIER, 0)).hasSize(allowed ? 0 : 1);

        at(RECOVERED_MS + 1);
        fail("timed out");
        assertThat(broken(kind, Victim.CARRIER, 0))
                .singleElement()
                .asString()
                .contains("FAILED requests 0 (java.lang.IllegalStateException: timed out)");
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void whatHappensToABystanderIsExact(FaultKind kind) {
        at(BEGAN_MS + 1);
        plain.next();
        fail("timed out");

        kind.victims().stream()
                .filter(victim -> victim != Victim.CARRIER)
                .forEach(victim -> assertThat(broken(kind, victim, 0)).hasSize(2));
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aClientThatIsLateIsFound(FaultKind kind) {
        Struck late = struck(kind, Victim.CARRIER, 0, kind.backWithin().plusMillis(1));

        assertThat(rule(late).broken()).singleElement().asString().contains("and not within");
    }

    @Test
    void whatIsLostInTheCalmIsFoundWithTheFaultBeforeIt() {
        at(ENDED_MS + 5);
        plain.next();

        assertThat(broken(FaultKind.KILL, Victim.CARRIER, 0))
                .singleElement()
                .asString()
                .isEqualTo("without a fault: 1 × LOST plain 0 → client, the first is number 2,"
                        + " sent 5.0 ms after the end of fault 3 (kill -9), the last number 2");
    }

    @Test
    void whatIsLostBeforeTheFirstFaultIsFound() {
        at(BEGAN_MS - ChaosJudge.UNDER_WAY.toMillis() - 1);
        published.next();

        assertThat(broken(FaultKind.KILL, Victim.CARRIER, 1))
                .singleElement()
                .asString()
                .contains("before the first fault");
    }

    @Test
    void aRunInWhichNothingWasSentProvesNothing() {
        history.receiver("client", history.publisher(Flow.QUEUE.name(0)));

        assertThat(broken(FaultKind.KILL, Victim.CARRIER, 0))
                .singleElement()
                .asString()
                .contains("SILENT");
    }

    @Test
    void aStrongerPromiseThanThereIsIsFoundBroken() {
        at(BEGAN_MS + 1);
        plain.next();
        List<Struck> kill = List.of(struck(FaultKind.KILL, Victim.CARRIER, 3, Duration.ofMillis(200)));

        Ruling strict = new ChaosJudge(fault -> Promise.EXACT, PublishReliability.AT_MOST_ONCE)
                .judge(kill, history.flaws(Duration.ofDays(1)));

        assertThat(strict.broken()).hasSize(2);
        assertThat(strict.faults().get(kill.get(0)).flaws()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void noPublishMayBeLostOrInDoubtAtLeastOnceWhereTheConnectionBreaks(FaultKind kind) {
        reliability = PublishReliability.AT_LEAST_ONCE;
        at(BEGAN_MS - 1);
        published.next();

        boolean cutOff = kind.promise(Victim.CARRIER) == Promise.CUT_OFF;
        assertThat(broken(kind, Victim.CARRIER, 0)).hasSize(cutOff ? 0 : 1);
        assertThat(broken(kind, Victim.CARRIER, 1)).hasSize(cutOff ? 1 : 2);
    }

    @ParameterizedTest
    @EnumSource(FaultKind.class)
    void aPublishMayComeAgainAndLateAtLeastOnceWhereTheConnectionBreaks(FaultKind kind) {
        reliability = PublishReliability.AT_LEAST_ONCE;
        at(BEGAN_MS - 1);
        byte[] message = published.next();
        judge.received(published.next());
        judge.received(message);
        judge.received(message);

        assertThat(broken(kind, Victim.CARRIER, 0))
                .hasSize(kind.promise(Victim.CARRIER).allowsDoubt() ? 0 : 2);
    }

    private static long doubtAllowed(FaultKind kind) {
        return kind.promise(Victim.CARRIER).allowsDoubt() ? 5 : 0;
    }

    private void at(long ms) {
        nowMs = ms;
    }

    /** One of each direction, without a flaw. */
    private void passAll() {
        judge.received(published.next());
        client.received(plain.next());
        byte[] request = requests.begin();
        requests.executed(request);
        requests.answered(request, request);
    }

    private void fail(String why) {
        byte[] request = requests.begin();
        requests.failed(request, new IllegalStateException(why));
    }

    private List<String> broken(FaultKind kind, Victim victim, long inDoubt) {
        return new ArrayList<>(
                rule(struck(kind, victim, inDoubt, Duration.ofMillis(200))).broken());
    }

    private Ruling rule(Struck struck) {
        return new ChaosJudge(Fault::promise, reliability).judge(List.of(struck), history.flaws(Duration.ofDays(1)));
    }

    private static Struck struck(FaultKind kind, Victim victim, long inDoubt, Duration recovery) {
        Fault fault = new Fault(3, Duration.ofSeconds(9), kind, victim, Duration.ZERO, Duration.ZERO);
        return new Struck(
                fault,
                "n2",
                TimeUnit.MILLISECONDS.toNanos(BEGAN_MS),
                TimeUnit.MILLISECONDS.toNanos(RECOVERED_MS),
                TimeUnit.MILLISECONDS.toNanos(ENDED_MS),
                recovery.toNanos(),
                inDoubt,
                "seen");
    }
}
