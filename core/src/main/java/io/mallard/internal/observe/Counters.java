package io.mallard.internal.observe;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client counts.
 *
 * <p>Threading: written by the event loop, and where callers do something themselves by them; read by anybody.
 */
public final class Counters {
    public final AtomicLong publishesInDoubt = new AtomicLong();
    /** Because a buffer was full, that of a connection or the reconnect buffer. */
    public final AtomicLong publishesRefused = new AtomicLong();

    public final AtomicLong lameDuckEvents = new AtomicLong();
    /** Standbys that took over from a leaving server. */
    public final AtomicLong hotSwapsCreated = new AtomicLong();
    /** Leaving servers for which there was none. */
    public final AtomicLong hotSwapFailures = new AtomicLong();
    /** Of the last one that was created. */
    public final AtomicLong hotSwapCreationNs = new AtomicLong();

    public final AtomicLong zeroDowntimeAchievements = new AtomicLong();
    public final AtomicLong zeroDowntimeFailures = new AtomicLong();
    public final AtomicLong handovers = new AtomicLong();
    public final AtomicLong reconnects = new AtomicLong();
    public final AtomicLong duplicatesDropped = new AtomicLong();
    /** Messages that a handler was too slow for. */
    public final AtomicLong messagesDropped = new AtomicLong();

    public final AtomicLong ambiguous = new AtomicLong();
    public final AtomicLong heldOverLimit = new AtomicLong();
    /** Of the last handover, from its reason to the store of the new route. */
    public final AtomicLong lastSwapNs = new AtomicLong();

    public final AtomicLong requestsRetried = new AtomicLong();
    public final AtomicLong requestsResent = new AtomicLong();

    /** Requests that had to wait for a connection. */
    public final AtomicLong requestsBuffered = new AtomicLong();
    /** Requests that were refused because too many waited, or too large ones. */
    public final AtomicLong requestBufferOverflows = new AtomicLong();
    /** Of those that had to wait: how many expired before a connection could take them. */
    public final AtomicLong bufferedRequestsExpired = new AtomicLong();
    /** Of those that had to wait: how many were answered. */
    public final AtomicLong bufferedRequestsAnswered = new AtomicLong();
    /** Requests that wait now, the most there were at a time, and their bytes. */
    public final AtomicLong requestBufferDepth = new AtomicLong();

    public final AtomicLong requestBufferMaxDepth = new AtomicLong();
    public final AtomicLong requestBufferBytes = new AtomicLong();
    /** Of those that had to wait: how many a connection took, how long these had waited together, and the longest. */
    public final AtomicLong bufferedRequestsSent = new AtomicLong();

    public final AtomicLong requestBufferWaitNs = new AtomicLong();

    public final AtomicLong requestBufferMaxWaitNs = new AtomicLong();
}
