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
    /** Of all of them. */
    public final DurationHistogram hotSwapCreations = new DurationHistogram();
    /** Periods of a lame duck in which requests had to wait. */
    public final AtomicLong fallbacks = new AtomicLong();

    public final AtomicLong zeroDowntimeAchievements = new AtomicLong();
    public final AtomicLong zeroDowntimeFailures = new AtomicLong();
    public final AtomicLong handovers = new AtomicLong();
    public final AtomicLong reconnects = new AtomicLong();
    public final AtomicLong duplicatesDropped = new AtomicLong();
    /** Messages that a handler was too slow for, and how often one began to be. */
    public final AtomicLong messagesDropped = new AtomicLong();

    public final AtomicLong slowConsumers = new AtomicLong();

    public final AtomicLong ambiguous = new AtomicLong();
    public final AtomicLong heldOverLimit = new AtomicLong();
    /** Of the last handover, from its reason to the store of the new route. */
    public final AtomicLong lastSwapNs = new AtomicLong();
    /** The same of every move to another server while the old one was still there. */
    public final DurationHistogram swaps = new DurationHistogram();
    /** By how much the first request after a move took longer than those before. */
    public final DurationHistogram requestOverheads = new DurationHistogram();
    /** From the news that a server leaves to the moment when nothing of the client is left there. */
    public final DurationHistogram recoveries = new DurationHistogram();
    /** From the loss of a connection to the moment since when another one carries the traffic. */
    public final DurationHistogram outages = new DurationHistogram();
    /** Turns of the event loop that took long enough to be told of. */
    public final AtomicLong longLoopTurns = new AtomicLong();

    /** Written by the event loop alone. */
    public final AtomicLong requestsAnswered = new AtomicLong();

    public final AtomicLong requestsTimedOut = new AtomicLong();
    /** Those that ended before their time, and without a reply. */
    public final AtomicLong requestsFailed = new AtomicLong();

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
    public final RecentPeak requestBufferPeak = new RecentPeak();
    public final RecentPeak requestBufferPeakBytes = new RecentPeak();
    public final AtomicLong requestBufferBytes = new AtomicLong();
    /** How long those had waited that a connection took. */
    public final DurationHistogram requestBufferWaits = new DurationHistogram();
}
