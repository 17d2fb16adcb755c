package io.mallard;

import java.util.Objects;

/**
 * How much of a subscription may wait for its handler, or to be asked for, and what is dropped beyond that.
 *
 * @param maxMessages number of messages, more than zero
 * @param maxBytes bytes of their headers and payloads, more than zero
 * @param policy which messages are dropped
 */
public record PendingOptions(int maxMessages, long maxBytes, PendingPolicy policy) {
    /** As nats.go: 512 Ki. */
    public static final int DEFAULT_MAX_MESSAGES = 512 << 10;

    /** As nats.go: 64 MiB. */
    public static final long DEFAULT_MAX_BYTES = 64 << 20;

    /** What waits is not touched, as in the other clients. */
    public static final PendingPolicy DEFAULT_POLICY = PendingPolicy.DROP_NEW;

    /** The values above. */
    public static final PendingOptions DEFAULTS =
            new PendingOptions(DEFAULT_MAX_MESSAGES, DEFAULT_MAX_BYTES, DEFAULT_POLICY);

    /** Refuses limits that let nothing through. */
    public PendingOptions {
        NatsOptions.requireAtLeast("maxPendingMessages", maxMessages, 1);
        NatsOptions.requireAtLeast("maxPendingBytes", maxBytes, 1);
        Objects.requireNonNull(policy, "pendingPolicy");
    }
}
