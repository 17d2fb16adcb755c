package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.observe.EventLog;
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
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request, on the caller's thread, and enters it in the table where its reply will find it.
 *
 * <p>Threading: any thread; the blocking form not on the event loop.
 */
public final class Requester {
    /** Whoever asks for more, such as {@code ChronoUnit.FOREVER}, means no timeout; clocks need some bound. */
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

    private final RequestTable table;
    private final RequestBuffer buffer;
    private final Router router;
    private final EventLoop loop;
    private final Executor executor;
    private final BooleanSupplier lameDuckMode;
    private final EventLog log;
    private final Consumer<PendingRequest> remove;

    /** {@code executor} completes futures. */
    public Requester(
            RequestTable table,
            RequestBuffer buffer,
            Router router,
            EventLoop loop,
            Executor executor,
            BooleanSupplier lameDuckMode,
            EventLog log) {
        this.table = table;
        this.buffer = buffer;
        this.router = router;
        this.loop = loop;
        this.executor = executor;
        this.lameDuckMode = lameDuckMode;
        this.log = log;
        this.remove = table::remove;
    }

    /** Waits for the reply. */
    public NatsMessage request(String subject, byte[] payload, RequestOptions options) {
        return request(subject, null, payload, options);
    }

    /** The same with headers as they go out, or null for none. */
    public NatsMessage request(String subject, byte @Nullable [] headers, byte[] payload, RequestOptions options) {
        // No more than this, so that options made for the occasion are never made in fact.
        return await(
                new BlockingRequest(subject, headers, options, payload, timeoutNs(options), System.nanoTime()),
                payload);
    }

    private NatsMessage await(BlockingRequest request, byte[] payload) {
        if (loop.inLoop()) {
            throw NatsException.neverSent(
                    NatsStatus.ILLEGAL_STATE, "a blocking request on the event loop would wait for itself");
        }
        Route route = router.current();
        boolean atOnce = mayLeave(route);
        boolean viaHotSwap = log.isDetailed() && tellOfHotSwap(request, route, atOnce);
        send(request, payload, route, atOnce);
        try {
            NatsMessage reply = request.await(table);
            if (viaHotSwap && request.place == null) {
                log.hotSwapRequestCompleted(System.nanoTime() - request.madeNs());
            }
            return reply;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsException(
                    NatsStatus.ERR, "interrupted while waiting for the reply to \"" + request.subject + "\"", e);
        }
    }

    /** The reply, or what prevented it, goes to the future; only a wrong argument is thrown. */
    public CompletableFuture<NatsMessage> requestAsync(String subject, byte[] payload, RequestOptions options) {
        return requestAsync(subject, null, payload, options);
    }

    /** The same with headers as they go out, or null for none. */
    public CompletableFuture<NatsMessage> requestAsync(
            String subject, byte @Nullable [] headers, byte[] payload, RequestOptions options) {
        Route route = router.current();
        boolean atOnce = mayLeave(route);
        // What has to wait is copied by the buffer, if there is room for it.
        boolean copied = atOnce && (options.isIdempotent() || lameDuckMode.getAsBoolean());
        AsyncRequest request = new AsyncRequest(
                subject,
                headers,
                options,
                copied ? payload.clone() : null,
                timeoutNs(options),
                System.nanoTime(),
                remove,
                executor);
        boolean viaHotSwap = log.isDetailed() && tellOfHotSwap(request, route, atOnce);
        send(request, payload, route, atOnce);
        if (viaHotSwap && request.place == null) {
            CompletableFuture<Void> unused =
                    request.future.thenRun(() -> log.hotSwapRequestCompleted(System.nanoTime() - request.madeNs()));
        }
        return request.future;
    }

    /** Whether it is about to go where a handover has moved the traffic. */
    private boolean tellOfHotSwap(PendingRequest request, Route route, boolean atOnce) {
        if (!lameDuckMode.getAsBoolean()) {
            return false;
        }
        log.requestInLameDuckMode(request.subject, TimeUnit.NANOSECONDS.toMillis(request.timeoutNs));
        boolean hotSwap = atOnce && isHotSwap(route);
        if (hotSwap) {
            log.requestViaHotSwap();
        }
        return hotSwap;
    }

    /** Whether in lame duck mode it is the connection that has taken over. */
    private static boolean isHotSwap(Route route) {
        return route.kind() == Route.Kind.CONNECTED && !route.isLeaving();
    }

    /** Whether a request may be sent there if there is room; otherwise it has to wait behind others, or for a connection. */
    private boolean mayLeave(Route route) {
        return (buffer.isEmpty() && route.kind() == Route.Kind.CONNECTED) || buffer.isOff();
    }

    private static long timeoutNs(RequestOptions options) {
        return boundedNs(options.timeout());
    }

    /** In nanoseconds, or for ever in all but name. */
    public static long boundedNs(Duration timeout) {
        return (timeout.compareTo(LONGEST_TIMEOUT) < 0 ? timeout : LONGEST_TIMEOUT).toNanos();
    }

    /** {@code atOnce} is what {@link #mayLeave} says of the route. */
    private void send(PendingRequest request, byte[] payload, Route route, boolean atOnce) {
        byte[] prefix = table.inbox().prefix();
        int subjectBytes = Publisher.checkSubject(request.subject);
        Publisher.checkControlLine(subjectBytes, prefix.length + Inbox.MAX_TOKEN_DIGITS);
        if (table.add(request)) {
            loop.wakeup();
        }
        long token = request.token;
        int size = ProtocolEncoder.pubSize(
                subjectBytes, ProtocolEncoder.requestReplySize(prefix, token), request.headerBytes(), payload.length);
        // The usual case first and without garbage; whatever else there is, the router knows.
        if (atOnce
                && route.kind() == Route.Kind.CONNECTED
                && route.takes(request.headerBytes(), payload.length)
                && route.outbound().request(request, request.subject, prefix, token, payload, 0, payload.length, size)
                        == Append.ACCEPTED) {
            request.flush(route);
        } else {
            sendSlow(request, prefix, token, payload, size, atOnce);
        }
    }

    private void sendSlow(PendingRequest request, byte[] prefix, long token, byte[] payload, int size, boolean atOnce) {
        Refusal refusal = router.offer(
                outbound -> atOnce && buffer.isEmpty() && outbound.isOfConnection()
                        ? outbound.request(request, request.subject, prefix, token, payload, 0, payload.length, size)
                        : Append.FULL,
                size,
                request.headerBytes(),
                payload.length,
                () -> atOnce && mayWaitForRoom(),
                request.timeoutNs);
        if (refusal == null) {
            return;
        }
        boolean noRoom = refusal.status() == NatsStatus.INSUFFICIENT_BUFFER;
        if (noRoom && !buffer.isOff()) {
            enqueue(request, payload, size, refusal.route());
        } else if (table.remove(request)) { // Unless its deadline was faster.
            if (noRoom) {
                buffer.countRefusal();
            }
            NatsException why = noRoom && refusal.route().kind() == Route.Kind.OFFLINE
                    ? new NatsException(
                            NatsStatus.ILLEGAL_STATE,
                            "no request sent to \"" + request.subject + "\": there is no connection now, and none may"
                                    + " wait for one; raise requestBufferSize above 0")
                    : refusal.toException("no request sent to \"" + request.subject + "\"");
            if (why.status() == NatsStatus.MAX_PAYLOAD || why.status() == NatsStatus.NO_SERVER_SUPPORT) {
                // As any wrong argument.
                throw NatsException.neverSent(why.status(), String.valueOf(why.getMessage()));
            }
            table.fail(request, request.failure(why.status(), String.valueOf(why.getMessage())));
        }
    }

    /** In lame duck mode others wait for it, in the request buffer, and the caller goes on. */
    private boolean mayWaitForRoom() {
        return !loop.inLoop() && (buffer.isOff() || (buffer.isEmpty() && !lameDuckMode.getAsBoolean()));
    }

    /** No connection takes it now. */
    private void enqueue(PendingRequest request, byte[] payload, int size, Route refusing) {
        boolean inLameDuckMode = lameDuckMode.getAsBoolean();
        if (inLameDuckMode && buffer.isEmpty() && isHotSwap(refusing)) {
            log.hotSwapRequestFailed(NatsStatus.INSUFFICIENT_BUFFER);
        }
        buffer.add(request, payload, size, inLameDuckMode, System.nanoTime());
    }
}
