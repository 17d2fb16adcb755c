package io.mallard.it.support;

import java.util.concurrent.atomic.LongAdder;

/**
 * What a {@link TcpProxy} has done to what goes through it, over all connections and both directions, so that a test can tell that its
 * fault has happened.
 *
 * <p>Threading: thread-safe.
 */
public final class FaultCounts {
    final LongAdder delayed = new LongAdder();
    final LongAdder throttled = new LongAdder();
    final LongAdder singleBytes = new LongAdder();
    final LongAdder stalls = new LongAdder();
    final LongAdder cuts = new LongAdder();
    final LongAdder corrupted = new LongAdder();
    final LongAdder swallowedBytes = new LongAdder();
    final LongAdder swallowedConnections = new LongAdder();
    final LongAdder resets = new LongAdder();
    final LongAdder halfOpened = new LongAdder();

    FaultCounts() {}

    /** Chunks that were late by {@link Fault.Delay} or {@link Fault.Jitter}. */
    public long delayedChunks() {
        return delayed.sum();
    }

    /** Chunks that had to wait for those before them. */
    public long throttledChunks() {
        return throttled.sum();
    }

    /** Bytes that went on alone. */
    public long singleBytes() {
        return singleBytes.sum();
    }

    /** How often something had come and was kept waiting. */
    public long stalls() {
        return stalls.sum();
    }

    /** Connections ended in the middle of something. */
    public long cuts() {
        return cuts.sum();
    }

    public long bytesCorrupted() {
        return corrupted.sum();
    }

    public long bytesSwallowed() {
        return swallowedBytes.sum();
    }

    /** Connections that were accepted and never had another side. */
    public long connectionsSwallowed() {
        return swallowedConnections.sum();
    }

    /** Connections that {@link TcpProxy#reset} ended. */
    public long resets() {
        return resets.sum();
    }

    /** Connections of which {@link TcpProxy#halfOpen} has closed the target's side. */
    public long halfOpened() {
        return halfOpened.sum();
    }
}
