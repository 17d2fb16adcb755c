package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundRequest;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.route.Route;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request that waits for its reply, until its deadline, and knows whether it was sent.
 *
 * <p>Threading: whoever removes it from the {@link RequestTable} ends it, once.
 */
abstract class PendingRequest extends DeadlineWheel.Entry<PendingRequest> implements OutboundRequest {
    /** What ends a request. */
    enum Ending {
        ANSWERED,
        EXPIRED,
        CLIENT_CLOSED,
        /** By its caller, or for a reason the caller is told. */
        GIVEN_UP
    }

    /** The bit by which the token of the second attempt differs from that of the first. */
    private static final long SECOND_ATTEMPT = 1;

    final String subject;
    final boolean isIdempotent;
    final boolean failsOnDisconnect;
    private final byte @Nullable [] headers;
    /** From when it was made to its deadline. */
    long timeoutNs;
    /**
     * To send it later, or again; null when neither was to be expected. A caller that waits lends its own array.
     */
    byte @Nullable [] payload;

    /** Where it waits, or has waited, for a connection that can send it. Written while it is out of the wheel. */
    RequestBuffer.@Nullable Place place;

    /**
     * Of the latest attempt. Written by the table before anybody else sees the request, and by the event loop while it
     * is out of the wheel.
     */
    long token;

    // Written under the lock of that buffer, and read by the event loop after it has sealed it.
    private @Nullable OutboundBuffer buffer;
    // Written under the lock of the buffer, which looks at ended after that; whoever ends the request sets ended and
    // looks at this after that. One of the two sees the other, so a request that ends before it is set is never sent.
    /** Of the latest attempt: a socket took it, or is about to, so somebody may have executed it. */
    private volatile boolean sent;
    // Latch: once true, always true.
    private volatile boolean ended;

    /** {@code headers} as they go out, which nobody changes; null for none. */
    PendingRequest(
            String subject,
            byte @Nullable [] headers,
            RequestOptions options,
            byte @Nullable [] payload,
            long timeoutNs,
            long nowNs) {
        super(nowNs + timeoutNs);
        this.subject = subject;
        this.headers = headers;
        this.isIdempotent = options.isIdempotent();
        this.failsOnDisconnect = options.failsOnDisconnect();
        this.payload = payload;
        this.timeoutNs = timeoutNs;
    }

    /** Sees to it that what was appended for it is written. */
    void flush(Route route) {
        route.flush();
    }

    abstract void succeed(NatsMessage reply);

    abstract void fail(NatsException why);

    @Override
    public byte @Nullable [] headers() {
        return headers;
    }

    int headerBytes() {
        return Publisher.headerBytes(headers);
    }

    @Override
    public long deadlineNs() {
        return deadlineNs;
    }

    @Override
    public boolean isWanted(long nowNs) {
        return !ended && deadlineNs - nowNs > 0;
    }

    @Override
    public void onBuffered(OutboundBuffer by) {
        buffer = by;
        sent = false;
    }

    @Override
    public void onTaken() {
        sent = true;
    }

    @Override
    public void onDropped() {
        sent = false;
    }

    /** Nobody waits for a reply any more. */
    void end(Ending how) {
        ended = true;
        if (place != null) {
            place.onEnded(how);
        }
    }

    long madeNs() {
        return deadlineNs - timeoutNs;
    }

    /** Ends at that time if it would end later. Not while it is in the wheel. */
    void shorten(long untilNs) {
        long spareNs = deadlineNs - untilNs;
        if (spareNs > 0) {
            deadlineNs = untilNs;
            timeoutNs -= spareNs;
        }
    }

    /** A request is sent twice at most. */
    boolean canBeSentAgain() {
        return payload != null && !wasSentAgain();
    }

    private boolean wasSentAgain() {
        return (token & SECOND_ATTEMPT) != 0;
    }

    /** The token of the first attempt to send the request of that number. */
    static long firstToken(long number) {
        return number << 1;
    }

    long secondToken() {
        return token | SECOND_ATTEMPT;
    }

    /** The number of the request to which a token belongs, whichever the attempt. */
    static long number(long token) {
        return token >> 1;
    }

    /** On the event loop: that buffer is gone for good. Returns whether the latest attempt was sent from it. */
    boolean detachFrom(OutboundBuffer lost) {
        if (buffer != lost || !sent) {
            return false;
        }
        buffer = null; // Or a long wait would keep the memory of the connection.
        return true;
    }

    /** Whether nobody is there any more who would be told of its end. */
    boolean isAbandoned() {
        return false;
    }

    /** On the event loop: whether that is where the latest attempt was sent from. */
    boolean wasSentBy(OutboundBuffer connection) {
        return buffer == connection && sent;
    }

    /** Why it ends, with what is known of whether it was executed. */
    NatsException failure(NatsStatus status, String message) {
        return wasSent() ? new NatsException(status, message) : NatsException.neverSent(status, message);
    }

    private boolean wasSent() {
        return wasSentAgain() || sent;
    }

    /** What the caller of a request that has ended without a reply may conclude. */
    String fate() {
        return wasSent() ? "the request was sent and may have been executed" : "the request was never sent";
    }

    String describeTimeout() {
        if (place != null && !place.isSent()) {
            return "no connection could send the request to \"" + subject + "\" within "
                    + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms; " + fate() + place.adviceAfterTimeout();
        }
        return "no reply to \"" + subject + "\" within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms; " + fate();
    }
}
