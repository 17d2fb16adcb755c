package io.mallard.internal.observe;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client counts.
 *
 * <p>Threading: written by the event loop, read by anybody.
 */
public final class Counters {
    public final AtomicLong publishesInDoubt = new AtomicLong();
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
    public final AtomicLong ambiguous = new AtomicLong();
    public final AtomicLong heldOverLimit = new AtomicLong();
    /** Of the last handover, from its reason to the store of the new route. */
    public final AtomicLong lastSwapNs = new AtomicLong();

    public final AtomicLong requestsRetried = new AtomicLong();
    public final AtomicLong requestsResent = new AtomicLong();
}
