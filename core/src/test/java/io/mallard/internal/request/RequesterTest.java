package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.Routes;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class RequesterTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(30));
    private static final int MAX_PAYLOAD = 100;

    private static final int BUFFER_SIZE = 2;

    private final OutboundBuffer outbound = OutboundBuffer.ofConnection(1_000);
    private final Router router = new Router(Routes.stalled(outbound, MAX_PAYLOAD));
    private final RequestTable table = new RequestTable(
            new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), new Counters(), System.nanoTime());
    private final EventLoop neverStarted = new EventLoop("never-started", failure -> {});
    private final RequestBuffer buffer = RequestBuffers.of(table, router, BUFFER_SIZE);
    private final Requester requester = requester(buffer);
    private boolean lameDuckMode;

    RequesterTest() throws IOException {}

    private Requester requester(RequestBuffer waitingIn) {
        return new Requester(table, waitingIn, router, neverStarted, Runnable::run, () -> lameDuckMode, new EventLog());
    }

    @Test
    void completesTheFutureWithTheReply() {
        CompletableFuture<NatsMessage> future = requester.requestAsync("echo", bytes("hi"), OPTIONS);
        assertThat(future).isNotDone();
        assertThat(outbound.describeFill()).startsWith(("PUB echo " + inbox() + "2 2\r\nhi\r\n").length() + " of ");

        table.onReply(new FakeMessage(Inbox.SID, inbox() + 2, "ho"), NOBODY);

        assertThat(future.join().payload()).isEqualTo(bytes("ho"));
        assertThat(table.size()).isZero();
    }

    @Test
    void wakesTheCallerThatWaitsForTheReply() throws Exception {
        CompletableFuture<NatsMessage> reply = new CompletableFuture<>();
        Thread caller = new Thread(() -> reply.complete(requester.request("echo", bytes("hi"), OPTIONS)));
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        table.onReply(new FakeMessage(Inbox.SID, inbox() + 2, "ho"), NOBODY);

        assertThat(reply.get(10, TimeUnit.SECONDS).payload()).isEqualTo(bytes("ho"));
        caller.join();
    }

    @Test
    void theCallersOwnStackIsInWhatItsRequestThrows() throws Exception {
        CompletableFuture<NatsMessage> reply = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                reply.complete(requester.request("echo", bytes("hi"), OPTIONS));
            } catch (NatsException e) {
                reply.completeExceptionally(e);
            }
        });
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");

        assertThatThrownBy(() -> reply.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .hasMessage("closed; the request was never sent")
                .satisfies(failure -> assertThat(failure.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(Requester.class.getName())));
        caller.join();
    }

    @Test
    void anInterruptedCallerLeavesNoRequestBehind() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                requester.request("echo", bytes("hi"), OPTIONS);
            } catch (NatsException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        caller.interrupt();

        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(table.size()).isZero();
        caller.join();
    }

    // No connection can take it.

    @Test
    void waitsInTheRequestBufferWithoutAConnection() {
        OutboundBuffer reconnectBuffer = goOffline();

        assertThat(requester.requestAsync("echo", bytes("hi"), OPTIONS)).isNotDone();

        assertThat(buffer.size()).isEqualTo(1);
        assertThat(reconnectBuffer.describeFill()).startsWith("0 of ");
    }

    @Test
    void queuesBehindThoseThatWaitAlthoughThereIsAConnectionNow() {
        goOffline();
        assertThat(requester.requestAsync("echo", bytes("1"), OPTIONS)).isNotDone();
        router.moveTo(Routes.stalled(outbound, MAX_PAYLOAD));

        assertThat(requester.requestAsync("echo", bytes("2"), OPTIONS)).isNotDone();
        assertThat(buffer.size()).isEqualTo(2);
        assertThat(outbound.describeFill()).startsWith("0 of ");

        buffer.onTick(System.nanoTime());
        assertThat(requester.requestAsync("echo", bytes("3"), OPTIONS)).isNotDone();
        assertThat(buffer.size()).isZero();
        assertThat(written(outbound)).isEqualTo(sent(1, "1") + sent(2, "2") + sent(3, "3"));
    }

    @Test
    void whatDoesNotFitIntoAConnectionInLameDuckModeWaitsInTheBufferAndNotInItsCaller() {
        OutboundBuffer full = fullConnection();
        lameDuckMode = true;

        assertThat(requester.requestAsync("echo", bytes("hi"), OPTIONS)).isNotDone();

        assertThat(buffer.size()).isEqualTo(1);
        assertThat(written(full)).isEqualTo("PUB a 1\r\nx\r\n");
        buffer.onTick(System.nanoTime());
        assertThat(buffer.size()).isZero();
        assertThat(written(full)).isEqualTo(sent(1, "hi"));
    }

    @Test
    void whatDoesNotFitIntoAHealthyConnectionIsWaitedForByItsCaller() throws Exception {
        OutboundBuffer full = fullConnection();
        CompletableFuture<CompletableFuture<NatsMessage>> asked = new CompletableFuture<>();
        Thread caller = new Thread(() -> asked.complete(requester.requestAsync("echo", bytes("hi"), OPTIONS)));
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        assertThat(buffer.size()).isZero();
        String madeRoom = written(full);
        assertThat(asked.get(10, TimeUnit.SECONDS)).isNotDone();

        assertThat(madeRoom + written(full)).isEqualTo("PUB a 1\r\nx\r\n" + sent(1, "hi"));
        caller.join();
    }

    @Test
    void failsTheFutureWhenTheRequestBufferIsFull() {
        goOffline();
        for (int i = 0; i < BUFFER_SIZE; i++) {
            assertThat(requester.requestAsync("echo", bytes("hi"), OPTIONS)).isNotDone();
        }

        assertFailed(
                requester.requestAsync("echo", bytes("hi"), OPTIONS),
                NatsStatus.INSUFFICIENT_BUFFER,
                "no request sent to \"echo\": request buffer full: 2 of 2 requests");
        assertThat(table.size()).isEqualTo(BUFFER_SIZE);
    }

    @Test
    void failsAtOnceWithoutAConnectionAndWithoutARequestBuffer() {
        RequestBuffer none = RequestBuffers.of(table, router, 0);
        goOffline();

        assertFailed(
                requester(none).requestAsync("echo", bytes("hi"), OPTIONS),
                NatsStatus.ILLEGAL_STATE,
                "no request sent to \"echo\": there is no connection now, and none may wait for one;"
                        + " raise requestBufferSize above 0");
        assertThat(table.size()).isZero();
    }

    @Test
    void withoutARequestBufferACallerWaitsForRoomInLameDuckModeToo() {
        RequestBuffer none = RequestBuffers.of(table, router, 0);
        fullConnection();
        lameDuckMode = true;

        assertFailed(
                requester(none).requestAsync("echo", bytes("hi"), RequestOptions.timeout(Duration.ofMillis(20))),
                NatsStatus.TIMEOUT,
                "has not made room in the outbound buffer within 20 ms");
    }

    @Test
    void aBlockingRequestWaitsForAConnectionUntilItsDeadline() {
        goOffline();

        assertThatThrownBy(() -> requester.request("echo", bytes("hi"), RequestOptions.timeout(Duration.ofMillis(20))))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                .hasMessage(
                        "no connection could send the request to \"echo\" within 20 ms; the request was never sent");
        assertThat(buffer.size()).isZero();
    }

    @Test
    void anInterruptedCallerLeavesItsPlaceInTheBuffer() throws Exception {
        goOffline();
        CompletableFuture<NatsException> thrown = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                requester.request("echo", bytes("hi"), OPTIONS);
            } catch (NatsException e) {
                thrown.complete(e);
            }
        });
        caller.start();
        while (buffer.isEmpty()) {
            Thread.onSpinWait();
        }
        caller.interrupt();

        assertThat(thrown.get(10, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
        assertThat(buffer.size()).isZero();
        caller.join();
    }

    @Test
    void theBufferKeepsWhatItWasGivenAtFirst() {
        goOffline();
        byte[] payload = bytes("1");
        assertThat(requester.requestAsync("echo", payload, OPTIONS)).isNotDone();
        payload[0] = 'x';

        router.moveTo(Routes.stalled(outbound, MAX_PAYLOAD));
        buffer.onTick(System.nanoTime());

        assertThat(written(outbound)).isEqualTo(sent(1, "1"));
    }

    private OutboundBuffer goOffline() {
        OutboundBuffer reconnectBuffer = OutboundBuffer.offline(1_000);
        router.moveTo(Route.offline(reconnectBuffer, MAX_PAYLOAD));
        return reconnectBuffer;
    }

    /** The route leads to a connection that has no room. */
    private OutboundBuffer fullConnection() {
        OutboundBuffer full = OutboundBuffer.ofConnection(1);
        assertThat(full.publish("a", null, null, bytes("x"), 0, 1, "PUB a 1\r\nx\r\n".length()))
                .isEqualTo(Append.ACCEPTED);
        router.moveTo(Routes.stalled(full, MAX_PAYLOAD));
        return full;
    }

    /** Makes room in a buffer as a socket would. */
    private static String written(OutboundBuffer buffer) {
        FakeTransport transport = new FakeTransport();
        new SocketWriter(buffer, transport, cause -> {}).flush();
        return transport.takeWritten().replace("PING\r\n", "");
    }

    private String sent(long number, String payload) {
        return "PUB echo " + inbox() + 2 * number + " " + payload.length() + "\r\n" + payload + "\r\n";
    }

    @Test
    void sendsTheHeadersOfARequest() {
        byte[] headers = bytes("NATS/1.0\r\nA: b\r\n\r\n");

        assertThat(requester.requestAsync("echo", headers, bytes("hi"), OPTIONS))
                .isNotDone();

        assertThat(written(outbound)).isEqualTo("HPUB echo " + inbox() + "2 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n");
    }

    @Test
    void refusesHeadersThatAreTooLargeOrNotKnownToTheServerBeforeTheyAreARequest() {
        assertThatThrownBy(() -> requester.requestAsync("echo", new byte[MAX_PAYLOAD], bytes("1"), OPTIONS))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.MAX_PAYLOAD));
        router.moveTo(Routes.withoutHeaders(outbound, MAX_PAYLOAD));

        assertThatThrownBy(() -> requester.request("echo", new byte[1], bytes("1"), OPTIONS))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER_SUPPORT))
                .hasMessageContaining("echo");

        assertThat(table.size()).isZero();
        assertThat(written(outbound)).isEmpty();
    }

    @Test
    void failsTheFutureWhenTheClientIsClosed() {
        router.moveTo(Route.closed());

        assertFailed(requester.requestAsync("echo", bytes("hi"), OPTIONS), NatsStatus.CONNECTION_CLOSED, "closed");
        assertFailed(requester.requestAsync("echo", bytes(""), OPTIONS), NatsStatus.CONNECTION_CLOSED, "closed");
    }

    @Test
    void aRequestGoesWhereTrafficHasMoved() {
        OutboundBuffer next = OutboundBuffer.ofConnection(1_000);
        outbound.seal();
        router.moveTo(Routes.stalled(next, MAX_PAYLOAD));

        CompletableFuture<NatsMessage> future = requester.requestAsync("echo", bytes("hi"), OPTIONS);

        assertThat(future).isNotDone();
        assertThat(next.describeFill()).doesNotStartWith("0 ");
        assertThat(outbound.describeFill()).startsWith("0 ");
    }

    @Test
    @Timeout(
            value = 10,
            threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // A caller that spins does not see interrupts.
    void aRequestThatMeetsTheSealOfAStalledLoopIsGivenUpAtItsDeadline() {
        outbound.seal();

        assertFailed(
                requester.requestAsync("echo", bytes("hi"), RequestOptions.timeout(Duration.ofMillis(20))),
                NatsStatus.TIMEOUT,
                "moved");
        assertThat(table.size()).isZero();
    }

    @Test
    void refusesAPayloadThatIsTooLargeBeforeItIsARequest() {
        assertThatThrownBy(() -> requester.requestAsync("echo", new byte[MAX_PAYLOAD + 1], OPTIONS))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.MAX_PAYLOAD))
                .hasMessageContainingAll("101 bytes", "100 bytes", "echo");
        assertThat(table.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a.*", "a..b"})
    void refusesASubjectThatIsNone(String subject) {
        assertThatThrownBy(() -> requester.requestAsync(subject, bytes("hi"), OPTIONS))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT));
        assertThat(table.size()).isZero();
    }

    @Test
    void refusesASubjectThatWouldCostTheConnectionBecauseItsLineIsTooLong() {
        assertThatThrownBy(() -> requester.requestAsync("a".repeat(4_050), bytes("hi"), OPTIONS))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT))
                .hasMessageContaining("4096");
        assertThat(table.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void refusesATimeoutThatIsOver(long timeoutNs) {
        assertThatThrownBy(() -> RequestOptions.timeout(Duration.ofNanos(timeoutNs)))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_ARG));
    }

    @Test
    void takesATimeoutForEverAsAYear() {
        Duration forEver = ChronoUnit.FOREVER.getDuration();

        assertThat(requester.requestAsync("echo", bytes("hi"), RequestOptions.timeout(forEver)))
                .isNotDone();
        table.expire(System.nanoTime() + TimeUnit.DAYS.toNanos(364));
        assertThat(table.size()).isEqualTo(1);
        table.expire(System.nanoTime() + TimeUnit.DAYS.toNanos(365));
        assertThat(table.size()).isZero();
    }

    @Test
    void aBlockingRequestEndsInTimeWhileTheLoopIsStalled() {
        assertThatThrownBy(() -> requester.request("echo", bytes("hi"), RequestOptions.timeout(Duration.ofMillis(20))))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT))
                .hasMessage("no reply to \"echo\" within 20 ms; the request was never sent");
        assertThat(table.size()).isZero();
    }

    private static void assertFailed(CompletableFuture<NatsMessage> future, NatsStatus status, String message) {
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
