package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request that waits for its reply, until its deadline, and knows whether it was sent.
 *
 * <p>Threading: whoever removes it from the {@link RequestTable} ends it, once.
 */
abstract class PendingRequest extends DeadlineWheel.Entry<PendingRequest> implements OutboundRequest {
    /** How far the latest attempt to send it has come. */
    private enum Progress {
        /** No server has got the whole command: nobody has executed it. */
        NOT_SENT,
        /** A socket took it, or is about to: somebody may have executed it. */
        SENT
    }

    /** What {@link #firstToken} is while there was one attempt only. */
    static final long NONE = 0;

    final String subject;
    final RequestOptions options;
    final long timeoutNs;
    /** To send it again; null when that was not to be expected. A caller that waits lends its own array. */
    final byte @Nullable [] payload;

    // Written by the table before anybody else sees the request, and while it is out of the wheel.
    /** Of the latest attempt. */
    long token;
    /** Of the first attempt, when there was another; {@link #NONE} otherwise. */
    long firstToken = NONE;

    // Written under the lock of that buffer, and read by the event loop after it has sealed it.
    private @Nullable OutboundBuffer buffer;
    // Written under the lock of the buffer, read by whoever ends the request, after it has set ended; the buffer's
    // owner
    // reads ended after it has written this. So a request that ends NOT_SENT is never sent.
    private volatile Progress progress = Progress.NOT_SENT;
    // Latch: once true, always true.
    private volatile boolean ended;

    PendingRequest(String subject, RequestOptions options, byte @Nullable [] payload, long timeoutNs, long nowNs) {
        super(nowNs + timeoutNs);
        this.subject = subject;
        this.options = options;
        this.payload = payload;
        this.timeoutNs = timeoutNs;
    }

    abstract void succeed(NatsMessage reply);

    abstract void fail(NatsException why);

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
        progress = Progress.NOT_SENT;
    }

    @Override
    public void onTaken() {
        progress = Progress.SENT;
    }

    @Override
    public void onDropped() {
        progress = Progress.NOT_SENT;
    }

    /** Nobody waits for a reply any more. */
    void end() {
        ended = true;
    }

    /** A request is sent twice at most. */
    boolean canBeSentAgain() {
        return payload != null && firstToken == NONE;
    }

    /** On the event loop: the connection of that buffer is gone. Whether it has taken the latest attempt along. */
    boolean isLostWith(OutboundBuffer lost) {
        if (buffer != lost || progress != Progress.SENT) {
            return false;
        }
        buffer = null; // Or a long wait would keep the memory of the connection.
        return true;
    }

    /** What the caller of a request that has ended without a reply may conclude. */
    String fate() {
        return firstToken == NONE && progress == Progress.NOT_SENT
                ? "the request was never sent"
                : "the request was sent and may have been executed";
    }

    String describeTimeout() {
        return "no reply to \"" + subject + "\" within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms; " + fate();
    }
}
