package io.mallard;

import java.time.Duration;

/**
 * Where requests wait while no connection can send them.
 *
 * @param maxRequests how many may wait; what is beyond fails with {@link NatsStatus#INSUFFICIENT_BUFFER}, and those that
 *     wait are kept. With 0 none waits, and a request fails with {@link NatsStatus#ILLEGAL_STATE} while there is no
 *     connection
 * @param maxBytes how many bytes of the protocol they may have together; what is beyond fails as above
 * @param timeout longest time one of them waits, if its own timeout is not over before
 */
public record RequestBufferOptions(int maxRequests, long maxBytes, Duration timeout) {
    /** A second of the usual load of one client (CONTRACT S35). */
    public static final int DEFAULT_MAX_REQUESTS = 1000;

    /** So that a thousand large requests do not fill the heap: 64 MiB. */
    public static final long DEFAULT_MAX_BYTES = 64 << 20;

    /** Longer than callers usually wait, so that it is their timeout that counts (CONTRACT S36). */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** The values above. */
    public static final RequestBufferOptions DEFAULTS =
            new RequestBufferOptions(DEFAULT_MAX_REQUESTS, DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT);

    /** None waits. */
    public static final RequestBufferOptions NONE = new RequestBufferOptions(0, 0, DEFAULT_TIMEOUT);

    /** Refuses negative sizes, and a timeout that is over before it begins. */
    public RequestBufferOptions {
        NatsOptions.requireAtLeast("requestBufferSize", maxRequests, 0);
        NatsOptions.requireAtLeast("requestBufferMaxBytes", maxBytes, 0);
        NatsOptions.requirePositive("requestBufferTimeout", timeout);
    }
}
