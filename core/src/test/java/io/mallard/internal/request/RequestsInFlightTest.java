package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request when its connection is lost, or a server says that nobody listens. */
@Timeout(10)
class RequestsInFlightTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(30));
    private static final int MAX_PAYLOAD = 100;

    private final FakePeer a = peer("a");
    private final FakePeer b = peer("b");
    private final FakePeer c = peer("c");
    private final Router router = new Router(Route.to(a.connection()));
    private final Counters counters = new Counters();
    private boolean handoverUnderWay;
    private final RequestTable table = new RequestTable(
            new Inbox("_INBOX", new Random(1)),
            new Resender(router, () -> handoverUnderWay),
            counters,
            System.nanoTime());
    private final Requester requester;

    RequestsInFlightTest() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        requester = new Requester(
                table,
                RequestBuffers.of(table, router),
                router,
                neverStarted,
                Runnable::run,
                () -> handoverUnderWay,
                new EventLog());
    }

    private static FakePeer peer(String name) {
        return FakePeer.ready(name, new ServerAddress(name, 4222), new RecordingOwner());
    }

    // The connection is lost.

    @Test
    void whatWasNotSentMovesAsItIsWhateverTheOptionsSay() {
        a.stalls();
        List<CompletableFuture<NatsMessage>> replies =
                List.of(ask("1", OPTIONS), ask("2", OPTIONS.failOnDisconnect()), ask("3", OPTIONS.idempotent()));

        lose(a, b);

        assertThat(b.received()).isEqualTo(sent(1, "1") + sent(2, "2") + sent(3, "3"));
        assertThat(replies).noneMatch(CompletableFuture::isDone);
        assertThat(counters.requestsResent).hasValue(0);
    }

    @Test
    void aRequestThatWasSentWaitsForItsReplyFromElsewhere() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);

        lose(a, b);
        assertThat(b.received()).isEmpty();
        assertThat(reply).isNotDone();

        reply(first(1), "late");
        assertAnswered(reply, "late");
    }

    @Test
    void anIdempotentRequestThatWasSentIsSentAgainOnceUnderATokenOfItsOwn() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.idempotent());
        assertThat(a.received()).isEqualTo(sent(1, "1"));

        lose(a, b);
        assertThat(b.received()).isEqualTo(sentAgain(1, "1"));
        assertThat(counters.requestsResent).hasValue(1);

        lose(b, c);
        assertThat(c.received()).isEmpty();
        assertThat(reply).isNotDone();
        assertThat(counters.requestsResent).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyToEitherAttemptEndsTheRequestAndTheOtherIsDropped(boolean inOrder) {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.idempotent());
        lose(a, b);
        assertThat(table.size()).isEqualTo(1);

        reply(inOrder ? first(1) : second(1), "first");
        reply(inOrder ? second(1) : first(1), "second");

        assertAnswered(reply, "first");
        assertThat(table.size()).isZero();
    }

    @Test
    void requestsAreSentAgainInTheOrderTheyWereMade() {
        StringBuilder expected = new StringBuilder();
        int requests = 50;
        for (int i = 1; i <= requests; i++) {
            send(Integer.toString(i), OPTIONS.idempotent());
            expected.append(sentAgain(i, Integer.toString(i)));
        }

        lose(a, b);

        assertThat(b.received()).isEqualTo(expected.toString());
    }

    @Test
    void aRequestThatWasSentFailsAtOnceWhenItWasToldTo() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.failOnDisconnect());

        lose(a, b);

        assertFailed(
                reply,
                NatsStatus.CONNECTION_CLOSED,
                "the connection was lost before the reply to \"echo\" came;"
                        + " the request was sent and may have been executed");
        assertThat(b.received()).isEmpty();
        assertThat(table.size()).isZero();
    }

    @Test
    void withBothOptionsItIsSentAgainFirstAndFailsTheNextTime() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.idempotent().failOnDisconnect());

        lose(a, b);
        assertThat(reply).isNotDone();

        lose(b, c);
        assertFailed(reply, NatsStatus.CONNECTION_CLOSED, "was sent");
    }

    @Test
    void theLossOfOneConnectionIsNothingToTheRequestsOfAnother() {
        CompletableFuture<NatsMessage> onA = ask("1", OPTIONS.failOnDisconnect());
        router.moveTo(Route.to(b.connection()));
        CompletableFuture<NatsMessage> onB = ask("2", OPTIONS.failOnDisconnect());
        send("3", OPTIONS.idempotent());
        b.received();

        lose(a, b);

        assertThat(onA).isDone();
        assertThat(onB).isNotDone();
        assertThat(b.received()).isEmpty();
    }

    @Test
    void aMovedRequestBelongsToTheConnectionItMovedTo() {
        a.stalls();
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.failOnDisconnect());
        lose(a, b);
        assertThat(reply).isNotDone();

        lose(b, c);

        assertThat(reply).isCompletedExceptionally();
    }

    @Test
    void withoutAConnectionARequestIsSentAgainWhenThereIsOne() {
        send("1", OPTIONS.idempotent());
        OutboundBuffer reconnectBuffer = OutboundBuffer.offline(1_000);

        lose(a, reconnectBuffer);
        assertThat(reconnectBuffer.describeFill()).startsWith(sentAgain(1, "1").length() + " of ");
        reconnectBuffer.seal();
        reconnectBuffer.moveTo(b.connection().outbound(), System.nanoTime());
        b.connection().writer().flush();

        assertThat(b.received()).isEqualTo(sentAgain(1, "1"));
    }

    @Test
    void aRequestForWhichThereIsNoRoomGoesOnWaiting() {
        CompletableFuture<NatsMessage> waits = ask("1", OPTIONS.idempotent());
        CompletableFuture<NatsMessage> fails = ask("2", OPTIONS.idempotent().failOnDisconnect());

        lose(a, OutboundBuffer.offline(0));

        assertThat(waits).isNotDone();
        assertFailed(fails, NatsStatus.CONNECTION_CLOSED, "was sent");
        assertThat(counters.requestsResent).hasValue(0);
        reply(first(1), "late");
        assertThat(waits).isCompleted();
    }

    @Test
    void anAsynchronousRequestSendsAgainWhatItWasGivenAtFirst() {
        byte[] payload = bytes("1");
        assertThat(requester.requestAsync("echo", payload, OPTIONS.idempotent()))
                .isNotDone();
        payload[0] = 'x';

        lose(a, b);

        assertThat(b.received()).isEqualTo(sentAgain(1, "1"));
    }

    @Test
    void aCallerThatIsInterruptedDoesNotReturnWhileItsPayloadIsBeingSent() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                requester.request("echo", bytes("1"), OPTIONS.idempotent());
            } catch (NatsException e) {
                thrown.complete(e);
            }
        });
        caller.start();
        awaitParked(caller);
        move(a, b);
        b.beforeWrites(() -> {
            caller.interrupt();
            while (!List.of(caller.getStackTrace()).toString().contains("giveUp")) {
                assertThat(thrown).isNotDone();
                Thread.onSpinWait();
            }
        });

        table.onConnectionLost(a.connection().outbound());

        assertThat(thrown.get(10, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
        assertThat(b.received()).isEqualTo(sentAgain(1, "1"));
        assertThat(table.size()).isZero();
        caller.join();
    }

    // Nobody listens.

    @Test
    void a503OutsideAHandoverIsBelievedAtOnce() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.idempotent());
        a.received();

        nobodyListens(first(1));

        assertFailed(reply, NatsStatus.NO_RESPONDERS, "no responders are subscribed to \"echo\"");
        assertThat(a.received()).isEmpty();
    }

    @Test
    void a503InAHandoverIsBelievedTheSecondTime() {
        handoverUnderWay = true;
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);
        router.moveTo(Route.to(b.connection()));

        nobodyListens(first(1));
        assertThat(b.received()).isEqualTo(sentAgain(1, "1"));
        assertThat(reply).isNotDone();

        nobodyListens(second(1));
        assertFailed(reply, NatsStatus.NO_RESPONDERS, "no responders are subscribed to \"echo\"");
        assertThat(b.received()).isEmpty();
        assertThat(table.size()).isZero();
        assertThat(counters.requestsRetried).hasValue(1);
        assertThat(counters.requestsResent).hasValue(0);
    }

    @Test
    void anotherCopyOfThe503DoesNotEndTheRetry() {
        handoverUnderWay = true;
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);

        nobodyListens(first(1));
        nobodyListens(first(1));
        assertThat(reply).isNotDone();

        reply(second(1), "yes");
        assertAnswered(reply, "yes");
    }

    @Test
    void aLateReplyToTheFirstAttemptIsAReply() {
        handoverUnderWay = true;
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);
        nobodyListens(first(1));

        reply(first(1), "yes");

        assertAnswered(reply, "yes");
        nobodyListens(second(1));
        assertThat(table.size()).isZero();
    }

    @Test
    void aRequestIsSentTwiceAtMostForWhateverReason() {
        handoverUnderWay = true;
        CompletableFuture<NatsMessage> retried = ask("1", OPTIONS.idempotent());
        CompletableFuture<NatsMessage> resent = ask("2", OPTIONS.idempotent());
        nobodyListens(first(1));
        reply(first(1), "yes");
        lose(a, b);
        b.received();

        nobodyListens(second(2));

        assertThat(retried).isCompleted();
        assertFailed(resent, NatsStatus.NO_RESPONDERS, "no responders");
        assertThat(b.received()).isEmpty();
        assertThat(counters.requestsRetried).hasValue(1);
        assertThat(counters.requestsResent).hasValue(1);
    }

    @Test
    void withoutRoomForTheRetryThe503IsBelieved() {
        handoverUnderWay = true;
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);
        router.moveTo(Route.offline(OutboundBuffer.offline(0), MAX_PAYLOAD));

        nobodyListens(first(1));

        assertFailed(reply, NatsStatus.NO_RESPONDERS, "no responders");
        assertThat(counters.requestsRetried).hasValue(0);
    }

    @Test
    void aCallerThatWaitsKeepsThePayloadOfWhatItSentBeforeTheHandover() throws Exception {
        CompletableFuture<NatsMessage> reply = new CompletableFuture<>();
        Thread caller = new Thread(() -> reply.complete(requester.request("echo", bytes("1"), OPTIONS)));
        caller.start();
        awaitParked(caller);
        a.received();
        handoverUnderWay = true;

        nobodyListens(first(1));
        assertThat(a.received()).isEqualTo(sentAgain(1, "1"));
        reply(second(1), "yes");

        assertThat(reply.get(10, TimeUnit.SECONDS).payload()).isEqualTo(bytes("yes"));
        caller.join();
    }

    @Test
    void anAsynchronousRequestOfBeforeTheHandoverHasNothingToSendAgain() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);
        handoverUnderWay = true;

        nobodyListens(first(1));

        assertFailed(reply, NatsStatus.NO_RESPONDERS, "no responders");
    }

    // What the caller is told.

    @Test
    void aTimeoutSaysThatTheRequestWasSent() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS);

        expireAll();

        assertFailed(
                reply,
                NatsStatus.TIMEOUT,
                "no reply to \"echo\" within 30000 ms; the request was sent and may have been executed");
    }

    @Test
    void aTimeoutSaysThatTheRequestWasNeverSentAndThenItIsNot() {
        send("0", OPTIONS);
        a.received();
        a.stalls();
        send("1", OPTIONS); // In the hands of the socket, which takes nothing.
        CompletableFuture<NatsMessage> reply = ask("2", OPTIONS);

        expireAll();
        a.resumes();

        assertFailed(reply, NatsStatus.TIMEOUT, "within 30000 ms; the request was never sent");
        assertThat(a.received()).isEqualTo(sent(2, "1"));
    }

    @Test
    void whatWasSentOnceIsNeverCalledUnsent() {
        CompletableFuture<NatsMessage> reply = ask("1", OPTIONS.idempotent());
        lose(a, OutboundBuffer.offline(1_000));

        expireAll();

        assertFailed(reply, NatsStatus.TIMEOUT, "the request was sent and may have been executed");
    }

    @Test
    void theEndOfTheClientSaysWhatWasSentAndSendsNoMore() {
        CompletableFuture<NatsMessage> sent = ask("1", OPTIONS);
        a.received();
        a.stalls();
        send("2", OPTIONS);
        CompletableFuture<NatsMessage> unsent = ask("3", OPTIONS);

        table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");
        a.resumes();

        assertFailed(sent, NatsStatus.CONNECTION_CLOSED, "closed; the request was sent and may have been executed");
        assertFailed(unsent, NatsStatus.CONNECTION_CLOSED, "closed; the request was never sent");
        assertThat(a.received()).isEqualTo(sent(2, "2"));
    }

    private CompletableFuture<NatsMessage> ask(String payload, RequestOptions options) {
        return requester.requestAsync("echo", bytes(payload), options);
    }

    private void send(String payload, RequestOptions options) {
        assertThat(ask(payload, options)).isNotDone();
    }

    /** What the server gets of the request with that number. */
    private String sent(long number, String payload) {
        return sentAs(first(number), payload);
    }

    private String sentAgain(long number, String payload) {
        return sentAs(second(number), payload);
    }

    private static long first(long number) {
        return 2 * number;
    }

    private static long second(long number) {
        return 2 * number + 1;
    }

    private String sentAs(long token, String payload) {
        return "PUB echo " + inbox() + token + " " + payload.length() + "\r\n" + payload + "\r\n";
    }

    private void reply(long token, String payload) {
        table.onReply(new FakeMessage(Inbox.SID, inbox() + token, payload), NOBODY);
    }

    private void nobodyListens(long token) {
        table.onReply(new FakeMessage(Inbox.SID, inbox() + token, null, "NATS/1.0 503\r\n\r\n", ""), NOBODY);
    }

    private void expireAll() {
        table.expire(System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
    }

    /** The one server ends its connection, and another carries the traffic. */
    private void lose(FakePeer lost, FakePeer next) {
        move(lost, next);
        table.onConnectionLost(lost.connection().outbound());
    }

    private void move(FakePeer lost, FakePeer next) {
        lost.closes();
        lost.connection().bequeath(next.connection().outbound(), System.nanoTime());
        router.moveTo(Route.to(next.connection()));
        next.connection().writer().flush();
    }

    private void lose(FakePeer lost, OutboundBuffer reconnectBuffer) {
        lost.closes();
        lost.connection().bequeath(reconnectBuffer, System.nanoTime());
        router.moveTo(Route.offline(reconnectBuffer, MAX_PAYLOAD));
        table.onConnectionLost(lost.connection().outbound());
    }

    private static void awaitParked(Thread caller) {
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            assertThat(caller.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    private static void assertAnswered(CompletableFuture<NatsMessage> future, String text) {
        assertThat(future).isDone();
        assertThat(future.join().payload()).isEqualTo(bytes(text));
    }

    private static void assertFailed(CompletableFuture<NatsMessage> future, NatsStatus status, String message) {
        assertThat(future).isDone();
        assertThatThrownBy(future::join)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContaining(message);
    }

    private String inbox() {
        return new String(table.inbox().prefix(), US_ASCII);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
