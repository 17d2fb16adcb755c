package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;

/**
 * One request that waits for its reply, until its deadline.
 *
 * <p>Threading: whoever removes it from the {@link RequestTable} ends it, once.
 */
abstract class PendingRequest extends DeadlineWheel.Entry<PendingRequest> {
    /** Set by the table, before anybody else can see the request. */
    long token;

    final String subject;
    final long timeoutNs;

    PendingRequest(String subject, long timeoutNs, long nowNs) {
        super(nowNs + timeoutNs);
        this.subject = subject;
        this.timeoutNs = timeoutNs;
    }

    abstract void succeed(NatsMessage reply);

    abstract void fail(NatsException why);
}
