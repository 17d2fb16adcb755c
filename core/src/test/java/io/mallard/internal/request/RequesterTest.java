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
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
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

    private final OutboundBuffer outbound = OutboundBuffer.offline(1_000);
    private final Router router = new Router(Route.offline(outbound, MAX_PAYLOAD));
    private final RequestTable table = new RequestTable(
            new Inbox(new Random(1)), new Resender(router, () -> false), new Counters(), System.nanoTime());
    private final Requester requester;

    RequesterTest() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        requester = new Requester(table, router, neverStarted, Runnable::run, () -> false);
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

    @Test
    void failsTheFutureWhenTheReconnectBufferIsFull() {
        OutboundBuffer none = OutboundBuffer.offline(0);
        router.moveTo(Route.offline(none, MAX_PAYLOAD));

        assertFailed(
                requester.requestAsync("echo", bytes("hi"), OPTIONS), NatsStatus.INSUFFICIENT_BUFFER, "0 of 0 bytes");
    }

    @Test
    void failsTheFutureWhenTheClientIsClosed() {
        router.moveTo(Route.closed());

        assertFailed(requester.requestAsync("echo", bytes("hi"), OPTIONS), NatsStatus.CONNECTION_CLOSED, "closed");
        assertFailed(requester.requestAsync("echo", bytes(""), OPTIONS), NatsStatus.CONNECTION_CLOSED, "closed");
    }

    @Test
    void aRequestGoesWhereTrafficHasMoved() {
        OutboundBuffer next = OutboundBuffer.offline(1_000);
        outbound.seal();
        router.moveTo(Route.offline(next, MAX_PAYLOAD));

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
