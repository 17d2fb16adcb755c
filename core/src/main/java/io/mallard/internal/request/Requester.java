package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Sends a request, on the caller's thread, and enters it in the table where its reply will find it.
 *
 * <p>Threading: any thread; the blocking form not on the event loop.
 */
public final class Requester {
    /** {@code PUB}, separators, token, length and the line end, at their longest. */
    private static final int CONTROL_LINE_REST = 48;

    /** Whoever asks for more, such as {@code ChronoUnit.FOREVER}, means no timeout; clocks need some bound. */
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

    private final RequestTable table;
    private final Router router;
    private final EventLoop loop;
    private final Executor executor;

    /** {@code executor} completes futures. */
    public Requester(RequestTable table, Router router, EventLoop loop, Executor executor) {
        this.table = table;
        this.router = router;
        this.loop = loop;
        this.executor = executor;
    }

    /** Waits for the reply. */
    public NatsMessage request(String subject, byte[] payload, Duration timeout) {
        if (loop.inLoop()) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "a blocking request on the event loop would wait for itself");
        }
        BlockingRequest request = new BlockingRequest(subject, timeoutNs(timeout), System.nanoTime());
        send(request, payload);
        try {
            return request.await(table);
        } catch (InterruptedException e) {
            table.remove(request);
            Thread.currentThread().interrupt();
            throw new NatsException(
                    NatsStatus.ERR, "interrupted while waiting for the reply to \"" + subject + "\"", e);
        }
    }

    /** The reply, or what prevented it, goes to the future; only a wrong argument is thrown. */
    public CompletableFuture<NatsMessage> requestAsync(String subject, byte[] payload, Duration timeout) {
        AsyncRequest request = new AsyncRequest(subject, timeoutNs(timeout), System.nanoTime(), executor);
        send(request, payload);
        return request.future;
    }

    private static long timeoutNs(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new NatsException(NatsStatus.INVALID_ARG, "timeout=" + timeout + ", must be > 0");
        }
        return (timeout.compareTo(LONGEST_TIMEOUT) < 0 ? timeout : LONGEST_TIMEOUT).toNanos();
    }

    private void send(PendingRequest request, byte[] payload) {
        int subjectBytes = Publisher.checkSubject(request.subject);
        // Before it is entered: a request that never was one leaves nothing behind.
        if (payload.length > router.current().maxPayload() && router.current().kind() != Route.Kind.CLOSED) {
            throw new NatsException(
                    NatsStatus.MAX_PAYLOAD,
                    "payload of " + payload.length + " bytes to \"" + request.subject + "\" is larger than the "
                            + router.current().maxPayload()
                            + " bytes the server takes; raise its max_payload or split it");
        }
        byte[] prefix = table.inbox().prefix();
        if (subjectBytes + prefix.length > ProtocolEncoder.MAX_CONTROL_LINE - CONTROL_LINE_REST) {
            throw new NatsException(
                    NatsStatus.INVALID_SUBJECT,
                    "subject of " + subjectBytes + " bytes and inbox do not fit into a control line of "
                            + ProtocolEncoder.MAX_CONTROL_LINE + " bytes");
        }
        if (table.add(request)) {
            loop.wakeup();
        }
        int size = ProtocolEncoder.pubSize(
                subjectBytes, ProtocolEncoder.requestReplySize(prefix, request.token), 0, payload.length);
        while (true) {
            Route route = router.current();
            if (route.kind() == Route.Kind.CLOSED) {
                refuse(request, new NatsException(NatsStatus.CONNECTION_CLOSED, "the client is closed"));
                return;
            }
            Append answer = route.outbound()
                    .request(
                            request.subject,
                            prefix,
                            request.token,
                            payload,
                            0,
                            payload.length,
                            size,
                            request.deadlineNs);
            switch (answer) {
                case ACCEPTED -> {
                    route.flush();
                    return;
                }
                case SEALED -> {
                    if (!router.awaitSuccessor(route, request.deadlineNs)) {
                        refuse(
                                request,
                                new NatsException(
                                        NatsStatus.TIMEOUT, "timed out while traffic moved to another connection"));
                        return;
                    }
                }
                case FULL -> {
                    if (!awaitRoom(route, size, request)) {
                        refuse(
                                request,
                                new NatsException(
                                        NatsStatus.INSUFFICIENT_BUFFER,
                                        "no room for a request of " + size + " bytes: "
                                                + route.outbound().describeFill()));
                        return;
                    }
                }
            }
        }
    }

    private boolean awaitRoom(Route route, int size, PendingRequest request) {
        if (route.kind() == Route.Kind.OFFLINE || loop.inLoop()) {
            return false;
        }
        try {
            return route.outbound().awaitRoom(size, request.deadlineNs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends a request that was not sent, unless its deadline was faster. */
    private void refuse(PendingRequest request, NatsException why) {
        if (table.remove(request)) {
            request.fail(why);
        }
    }
}
