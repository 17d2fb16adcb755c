package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.route.Refusal;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Sends a request, on the caller's thread, and enters it in the table where its reply will find it.
 *
 * <p>Threading: any thread; the blocking form not on the event loop.
 */
public final class Requester {
    /** Whoever asks for more, such as {@code ChronoUnit.FOREVER}, means no timeout; clocks need some bound. */
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

    private final RequestTable table;
    private final Router router;
    private final EventLoop loop;
    private final Executor executor;
    private final BooleanSupplier handoverUnderWay;

    /** {@code executor} completes futures. */
    public Requester(
            RequestTable table, Router router, EventLoop loop, Executor executor, BooleanSupplier handoverUnderWay) {
        this.table = table;
        this.router = router;
        this.loop = loop;
        this.executor = executor;
        this.handoverUnderWay = handoverUnderWay;
    }

    /** Waits for the reply. */
    public NatsMessage request(String subject, byte[] payload, RequestOptions options) {
        if (loop.inLoop()) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "a blocking request on the event loop would wait for itself");
        }
        BlockingRequest request = new BlockingRequest(subject, options, payload, timeoutNs(options), System.nanoTime());
        send(request, payload);
        try {
            return request.await(table);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsException(
                    NatsStatus.ERR, "interrupted while waiting for the reply to \"" + subject + "\"", e);
        }
    }

    /** The reply, or what prevented it, goes to the future; only a wrong argument is thrown. */
    public CompletableFuture<NatsMessage> requestAsync(String subject, byte[] payload, RequestOptions options) {
        boolean mayBeSentAgain = options.isIdempotent() || handoverUnderWay.getAsBoolean();
        AsyncRequest request = new AsyncRequest(
                subject,
                options,
                mayBeSentAgain ? payload.clone() : null,
                timeoutNs(options),
                System.nanoTime(),
                executor);
        send(request, payload);
        return request.future;
    }

    private static long timeoutNs(RequestOptions options) {
        Duration timeout = options.timeout();
        return (timeout.compareTo(LONGEST_TIMEOUT) < 0 ? timeout : LONGEST_TIMEOUT).toNanos();
    }

    private void send(PendingRequest request, byte[] payload) {
        byte[] prefix = table.inbox().prefix();
        int subjectBytes = Publisher.checkSubject(request.subject);
        Publisher.checkControlLine(subjectBytes, prefix.length + Inbox.MAX_TOKEN_DIGITS);
        if (table.add(request)) {
            loop.wakeup();
        }
        long token = request.token;
        int size = ProtocolEncoder.pubSize(
                subjectBytes, ProtocolEncoder.requestReplySize(prefix, token), 0, payload.length);
        // The usual case first and without garbage; whatever else there is, the router knows.
        Route route = router.current();
        if (payload.length <= route.maxPayload()
                && route.outbound().request(request, request.subject, prefix, token, payload, 0, payload.length, size)
                        == Append.ACCEPTED) {
            route.flush();
        } else {
            sendSlow(request, prefix, token, payload, size);
        }
    }

    private void sendSlow(PendingRequest request, byte[] prefix, long token, byte[] payload, int size) {
        Refusal refusal = router.offer(
                outbound -> outbound.request(request, request.subject, prefix, token, payload, 0, payload.length, size),
                size,
                payload.length,
                !loop.inLoop(),
                request.timeoutNs);
        if (refusal != null && table.remove(request)) { // Unless its deadline was faster.
            NatsException why = refusal.toException("no request sent to \"" + request.subject + "\"");
            if (why.status() == NatsStatus.MAX_PAYLOAD) {
                throw why; // As any wrong argument.
            }
            request.fail(why);
        }
    }
}
