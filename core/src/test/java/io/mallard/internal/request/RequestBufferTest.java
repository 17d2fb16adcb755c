package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.mallard.DurationSummary;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestBufferOptions;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.Routes;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests that wait for a connection, on a clock that a test turns; it begins at the true time, which a socket goes by. */
class RequestBufferTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final String HEADERS = "NATS/1.0\r\nA: b\r\n\r\n";
    private static final int MAX_PAYLOAD = 100;
    private static final int MAX_REQUESTS = 4;
    private static final long MAX_BYTES = 1_000;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long BUFFER_TIMEOUT_NS = 10 * SECOND_NS;

    private final long startNs = System.nanoTime();
    private long nowNs = startNs;
    private final FakeTransport socket = new FakeTransport();
    private final Router router = new Router(offline());
    private final Counters counters = new Counters();
    private final RequestTable table =
            new RequestTable(new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), counters, startNs);
    private final RequestBuffer buffer = buffer(MAX_REQUESTS, MAX_BYTES);
    private int wakeUps;

    private RequestBuffer buffer(int maxRequests, long maxBytes) {
        return new RequestBuffer(
                table,
                router,
                () -> wakeUps++,
                counters,
                new EventLog(),
                Runnable::run,
                new RequestBufferOptions(maxRequests, maxBytes, Duration.ofNanos(BUFFER_TIMEOUT_NS)));
    }

    private static Route offline() {
        return Route.offline(OutboundBuffer.offline(1_000), MAX_PAYLOAD);
    }

    // Sending.

    @Test
    void sendsInTheOrderOfTheCallsWhenThereIsAConnection() {
        List<AsyncRequest> requests = List.of(queue("1"), queue("2"), queue("3"));
        assertThat(buffer.onTick(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(socket.takeWritten()).isEmpty();

        router.moveTo(connection(1_000));

        assertThat(buffer.onTick(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(socket.takeWritten()).isEqualTo(sent(1, "1") + sent(2, "2") + sent(3, "3"));
        assertThat(buffer.isEmpty()).isTrue();
        reply(2, "two");
        assertThat(requests.get(1).future)
                .isCompletedWithValueMatching(message -> text(message).equals("two"));
        assertThat(requests.get(0).future).isNotDone();
    }

    @Test
    void stopsWhenTheConnectionHasNoRoomAndGoesOnInOrderWhenItHas() {
        for (String payload : List.of("1", "2", "3")) {
            queue(payload);
        }
        router.moveTo(connection(sent(1, "1").length()));
        socket.room(() -> 0);

        assertThat(buffer.onTick(nowNs)).isBetween(1L, TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(buffer.size()).isEqualTo(2);
        buffer.onTick(nowNs); // One is in the hands of the socket, one in its buffer.
        assertThat(buffer.size()).isEqualTo(1);
        buffer.onTick(nowNs);
        assertThat(buffer.size()).isEqualTo(1);
        socket.room(() -> Integer.MAX_VALUE);
        writer.onWritable();
        buffer.onTick(nowNs);
        writer.onWritable(); // The loop has looked again.

        assertThat(socket.takeWritten()).isEqualTo(sent(1, "1") + sent(2, "2") + sent(3, "3"));
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void aCallerWhoFindsAConnectionBehindItsPlaceWakesTheLoop() {
        queue("1");
        assertThat(wakeUps).isZero();

        router.moveTo(connection(1_000));
        queue("2");

        assertThat(wakeUps).isEqualTo(1);
    }

    @Test
    void aCallerWhoFindsTheEndOfTheClientBehindItsPlaceEndsItsRequest() {
        router.moveTo(Route.closed());

        AsyncRequest request = queue("1");

        assertFailed(request, NatsStatus.CONNECTION_CLOSED, "no request sent to \"echo\": the client is closed");
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void whatTheNextServerDoesNotTakeFailsAndTheOthersGo() {
        queue("1");
        AsyncRequest tooLarge = queue("22");
        queue("3");

        router.moveTo(connection(1_000, 1));
        buffer.onTick(nowNs);

        assertFailed(
                tooLarge,
                NatsStatus.MAX_PAYLOAD,
                "no request sent to \"echo\": payload of 2 bytes is larger than the 1 bytes the server takes;"
                        + " raise its max_payload or split it");
        assertThat(socket.takeWritten()).isEqualTo(sent(1, "1") + sent(3, "3"));
    }

    @Test
    void aSentRequestFaresAsAnyOtherWhenItsConnectionIsLost() {
        AsyncRequest waits = queue("1", options(30));
        AsyncRequest fails = queue("2", options(30).failOnDisconnect());
        AsyncRequest again = queue("3", options(30).idempotent());
        Route lost = connection(1_000);
        router.moveTo(lost);
        buffer.onTick(nowNs);
        socket.takeWritten();

        router.moveTo(connection(1_000));
        table.onConnectionLost(lost.outbound());

        assertThat(waits.future).isNotDone();
        assertFailed(fails, NatsStatus.CONNECTION_CLOSED, "was sent and may have been executed");
        assertThat(again.future).isNotDone();
        assertThat(socket.takeWritten()).isEqualTo(sentAs(2 * 3 + 1, "3"));
    }

    @Test
    void theLossOfAConnectionIsNothingToARequestThatWaits() {
        Route lost = connection(1_000);
        AsyncRequest request = queue("1", options(30).failOnDisconnect().idempotent());

        table.onConnectionLost(lost.outbound());

        assertThat(request.future).isNotDone();
        assertThat(buffer.size()).isEqualTo(1);
    }

    // Headers.

    @Test
    void headersWaitWithTheirRequestAndAreSentAgainWithIt() {
        AsyncRequest request = queue(buffer, "1", HEADERS, options(30).idempotent());
        Route lost = connection(1_000);
        router.moveTo(lost);
        buffer.onTick(nowNs);
        assertThat(socket.takeWritten()).isEqualTo(sentWithHeaders(2 * 1, "1"));

        router.moveTo(connection(1_000));
        table.onConnectionLost(lost.outbound());

        assertThat(request.future).isNotDone();
        assertThat(socket.takeWritten()).isEqualTo(sentWithHeaders(2 * 1 + 1, "1"));
    }

    @Test
    void headersThatTheNextServerDoesNotTakeFailAndTheOthersGo() {
        AsyncRequest refused = queue(buffer, "1", HEADERS, options(30));
        AsyncRequest taken = queue("2");

        router.moveTo(Routes.withoutHeaders(OutboundBuffer.ofConnection(1_000), MAX_PAYLOAD));
        buffer.onTick(nowNs);

        assertFailed(refused, NatsStatus.NO_SERVER_SUPPORT, "no request sent to \"echo\": the server takes no headers");
        assertThat(taken.future).isNotDone();
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void headersCountForTheNextServersMaximum() {
        AsyncRequest tooLarge = queue(buffer, "1", HEADERS, options(30));

        router.moveTo(connection(1_000, HEADERS.length()));
        buffer.onTick(nowNs);

        assertFailed(tooLarge, NatsStatus.MAX_PAYLOAD, "payload of 1 bytes with headers of 18 bytes");
    }

    private String sentWithHeaders(long token, String payload) {
        int total = HEADERS.length() + payload.length();
        return "HPUB echo " + inbox() + token + " " + HEADERS.length() + " " + total + "\r\n" + HEADERS + payload
                + "\r\n";
    }

    // Limits.

    @Test
    void refusesOneTooManyAndKeepsTheOthers() {
        for (int i = 1; i <= MAX_REQUESTS; i++) {
            queue(Integer.toString(i));
        }
        int bytes = sent(1, "1").length();

        AsyncRequest refused = queue("x");

        assertFailed(
                refused,
                NatsStatus.INSUFFICIENT_BUFFER,
                "no request sent to \"echo\": request buffer full: 4 of 4 requests, " + 4 * bytes
                        + " of 1000 bytes, and this one has " + (bytes + 1) + "; raise requestBufferSize or wait");
        router.moveTo(connection(1_000));
        buffer.onTick(nowNs);
        assertThat(socket.takeWritten()).isEqualTo(sent(1, "1") + sent(2, "2") + sent(3, "3") + sent(4, "4"));
        assertThat(table.size()).isEqualTo(MAX_REQUESTS);
    }

    @Test
    void refusesOneByteTooMany() {
        int bytes = sent(1, "1").length();
        RequestBuffer two = buffer(MAX_REQUESTS, 2L * bytes);

        AsyncRequest first = queue(two, "1", options(1));
        AsyncRequest tooLarge = queue(two, "22", options(1));
        AsyncRequest second = queue(two, "3", options(1));

        assertThat(first.future).isNotDone();
        assertThat(second.future).isNotDone();
        assertFailed(
                tooLarge,
                NatsStatus.INSUFFICIENT_BUFFER,
                "1 of 4 requests, " + bytes + " of " + 2 * bytes + " bytes, and this one has " + (bytes + 1)
                        + "; raise requestBufferMaxBytes or wait");
    }

    @Test
    void copiesNoPayloadForWhichThereIsNoRoom() {
        byte[] large = new byte[8 << 20];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AsyncRequest request = request(options(1));
        int size = large.length + 100;

        long before = threads.getCurrentThreadAllocatedBytes();
        buffer.add(request, large, size, false, nowNs);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertFailed(request, NatsStatus.INSUFFICIENT_BUFFER, "and this one has " + size);
        assertThat(allocated).isLessThan(large.length);
    }

    @Test
    void aRequestThatWaitsTakesLessThanAKibibyteBesidesItsPayload() {
        int requests = 1_000;
        RequestBuffer large = buffer(requests, 64 << 20);
        byte[] payload = new byte[16];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < requests; i++) {
            large.add(request(options(1)), payload, 100, false, nowNs); // The table keeps it.
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(large.size()).isEqualTo(requests);
        assertThat(allocated / requests).isBetween(1L, 1_024L);
    }

    // Who ends before a connection comes.

    @Test
    void endsAtItsOwnDeadlineAndNotANanosecondEarlier() {
        AsyncRequest request = queue("1", options(5));

        table.expire(startNs + 5 * SECOND_NS - 1);
        assertThat(request.future).isNotDone();
        table.expire(startNs + 5 * SECOND_NS);

        assertFailed(
                request,
                NatsStatus.TIMEOUT,
                "no connection could send the request to \"echo\" within 5000 ms; the request was never sent");
        router.moveTo(connection(1_000));
        buffer.onTick(startNs + 5 * SECOND_NS);
        assertThat(socket.takeWritten()).isEmpty();
    }

    @Test
    void waitsNoLongerThanTheBufferLetsIt() {
        AsyncRequest request = request(options(30));
        nowNs = startNs + 2 * SECOND_NS;
        buffer.add(request, bytes("1"), 10, false, nowNs);

        table.expire(nowNs + BUFFER_TIMEOUT_NS - 1);
        assertThat(request.future).isNotDone();
        table.expire(nowNs + BUFFER_TIMEOUT_NS);

        assertFailed(
                request,
                NatsStatus.TIMEOUT,
                "no connection could send the request to \"echo\" within 12000 ms; the request was never sent;"
                        + " raise requestBufferTimeout to wait longer");
    }

    @Test
    void aRequestHasOneDeadlineWhetherItWasSentInTheEndOrNot() {
        AsyncRequest request = queue("1", options(30));
        router.moveTo(connection(1_000));
        buffer.onTick(nowNs);

        table.expire(startNs + BUFFER_TIMEOUT_NS - 1);
        assertThat(request.future).isNotDone();
        table.expire(startNs + BUFFER_TIMEOUT_NS);

        assertFailed(
                request,
                NatsStatus.TIMEOUT,
                "no reply to \"echo\" within 10000 ms; the request was sent and may have been executed");
    }

    @Test
    void theLoopIsWokenForADeadlineThatTheBufferHasBroughtForward() {
        AsyncRequest request = request(options(30));

        buffer.add(request, bytes("1"), 10, false, nowNs);

        assertThat(wakeUps).isEqualTo(1);
    }

    @Test
    void whoeverEndsLeavesItsPlaceToOthersWhereverItStands() {
        List<AsyncRequest> requests = new ArrayList<>();
        for (int i = 1; i <= MAX_REQUESTS; i++) {
            requests.add(queue(Integer.toString(i), options(i)));
        }

        table.expire(startNs + SECOND_NS);
        assertThat(requests.get(1).future.cancel(false)).isTrue();
        assertThat(requests.get(3).future.cancel(false)).isTrue();

        assertThat(buffer.size()).isEqualTo(1);
        assertThat(counters.requestBufferBytes).hasValue(sent(1, "1").length());
        for (String payload : List.of("5", "6", "7")) {
            assertThat(queue(payload).future).isNotDone();
        }
        router.moveTo(connection(1_000));
        buffer.onTick(nowNs);
        assertThat(socket.takeWritten()).isEqualTo(sent(3, "3") + sent(5, "5") + sent(6, "6") + sent(7, "7"));
        assertThat(counters.requestBufferBytes).hasValue(0);
    }

    @Test
    void clearsOnlyWhatHasExpiredAndTheLoopHasNotSeenYet() {
        AsyncRequest expired = queue("1", options(1));
        AsyncRequest seen = queue("2", options(2));
        AsyncRequest alive = queue("3", options(3));

        assertThat(buffer.clearExpired(startNs + SECOND_NS - 1)).isZero();
        assertThat(buffer.clearExpired(startNs + SECOND_NS)).isEqualTo(1);
        assertFailed(expired, NatsStatus.TIMEOUT, "the request was never sent");
        table.expire(startNs + 2 * SECOND_NS);
        assertThat(seen.future).isDone();

        assertThat(buffer.clearExpired(startNs + 2 * SECOND_NS)).isZero();
        assertThat(alive.future).isNotDone();
        assertThat(buffer.size()).isEqualTo(1);
    }

    @Test
    void theEndOfTheClientEndsThoseThatWait() {
        AsyncRequest request = queue("1");

        router.moveTo(Route.closed());
        table.failAll(NatsStatus.CONNECTION_CLOSED, "the client was closed");

        assertFailed(request, NatsStatus.CONNECTION_CLOSED, "the client was closed; the request was never sent");
        assertThat(buffer.onTick(nowNs)).isEqualTo(Long.MAX_VALUE);
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void countsWhatBecomesOfRequestsThatHadToWait() {
        queue("1", options(1));
        for (String payload : List.of("2", "3", "4", "refused")) {
            queue(payload);
        }
        table.expire(startNs + SECOND_NS);
        router.moveTo(connection(1_000));
        buffer.onTick(startNs + 2 * SECOND_NS);
        reply(2, "yes");

        assertThat(counters.requestsBuffered).hasValue(4);
        assertThat(counters.requestBufferOverflows).hasValue(1);
        assertThat(counters.bufferedRequestsExpired).hasValue(1);
        assertThat(counters.bufferedRequestsAnswered).hasValue(1);
        assertThat(counters.requestBufferDepth).hasValue(0);
        assertThat(counters.requestBufferMaxDepth).hasValue(4);
        DurationSummary waits = counters.requestBufferWaits.summary();
        assertThat(waits.count()).isEqualTo(3);
        assertThat(waits.totalNs()).isEqualTo(3 * 2 * SECOND_NS);
        assertThat(waits.maxNs()).isEqualTo(2 * SECOND_NS);
    }

    private SocketWriter writer;

    private Route connection(int outboundBytes) {
        return connection(outboundBytes, MAX_PAYLOAD);
    }

    private Route connection(int outboundBytes, long maxPayload) {
        OutboundBuffer outbound = OutboundBuffer.ofConnection(outboundBytes);
        writer = new SocketWriter(outbound, socket, cause -> {});
        return Routes.to(outbound, writer, maxPayload);
    }

    private static RequestOptions options(long timeoutSeconds) {
        return RequestOptions.timeout(Duration.ofSeconds(timeoutSeconds));
    }

    private AsyncRequest queue(String payload) {
        return queue(payload, options(5));
    }

    private AsyncRequest queue(String payload, RequestOptions options) {
        return queue(buffer, payload, options);
    }

    private AsyncRequest queue(RequestBuffer where, String payload, RequestOptions options) {
        AsyncRequest request = request(options);
        where.add(request, bytes(payload), sentAs(request.token, payload).length(), false, nowNs);
        return request;
    }

    private AsyncRequest queue(RequestBuffer where, String payload, String headers, RequestOptions options) {
        AsyncRequest request = request(bytes(headers), options);
        where.add(
                request, bytes(payload), sentWithHeaders(request.token, payload).length(), false, nowNs);
        return request;
    }

    private AsyncRequest request(RequestOptions options) {
        return request(null, options);
    }

    private AsyncRequest request(byte[] headers, RequestOptions options) {
        AsyncRequest request = new AsyncRequest(
                "echo", headers, options, null, options.timeout().toNanos(), nowNs, table::remove, Runnable::run);
        table.add(request);
        return request;
    }

    private String sent(long number, String payload) {
        return sentAs(2 * number, payload);
    }

    private String sentAs(long token, String payload) {
        return "PUB echo " + inbox() + token + " " + payload.length() + "\r\n" + payload + "\r\n";
    }

    private void reply(long number, String payload) {
        table.onReply(new FakeMessage(Inbox.SID, inbox() + 2 * number, payload), NOBODY);
    }

    private static String text(NatsMessage message) {
        return new String(message.payload(), US_ASCII);
    }

    private static void assertFailed(AsyncRequest request, NatsStatus status, String message) {
        assertThat(request.future).isDone();
        assertThatThrownBy(request.future::join)
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
