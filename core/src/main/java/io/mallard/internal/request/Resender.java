package io.mallard.internal.request;

import io.mallard.internal.publish.Publisher;
import io.mallard.internal.route.Router;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Sends a request a second time, to wherever traffic goes now: when no server can have executed it, or its caller has
 * said that this does no harm. Never a third time.
 *
 * <p>Threading: event loop.
 */
public final class Resender {
    private static final long DO_NOT_WAIT = 0;

    private final Router router;
    private final BooleanSupplier handoverUnderWay;

    public Resender(Router router, BooleanSupplier handoverUnderWay) {
        this.router = router;
        this.handoverUnderWay = handoverUnderWay;
    }

    /**
     * Whether a 503 may mean no more than that news of the responder has not reached the server yet: responders move
     * in a handover too. Nobody was asked, so asking again does no harm.
     */
    boolean mayRetry(PendingRequest request) {
        return handoverUnderWay.getAsBoolean() && request.canBeSentAgain();
    }

    /** Whether a request that somebody may have executed is to be sent again when its connection is lost. */
    boolean mayResend(PendingRequest request) {
        return request.isIdempotent && request.canBeSentAgain();
    }

    /** Sends it with that token; false when there is no room for it now. */
    boolean send(PendingRequest request, byte[] inboxPrefix, long token) {
        byte[] payload = Objects.requireNonNull(request.payload);
        int size = ProtocolEncoder.pubSize(
                Publisher.checkSubject(request.subject),
                ProtocolEncoder.requestReplySize(inboxPrefix, token),
                request.headerBytes(),
                payload.length);
        return router.offer(
                        outbound -> outbound.request(
                                request, request.subject, inboxPrefix, token, payload, 0, payload.length, size),
                        size,
                        request.headerBytes(),
                        payload.length,
                        false,
                        DO_NOT_WAIT)
                == null;
    }
}
