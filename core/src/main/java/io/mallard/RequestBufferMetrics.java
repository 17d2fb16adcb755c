package io.mallard;

/**
 * What a client has counted of requests that no connection could take when they were made.
 *
 * @param capacity how many may wait, {@link RequestBufferOptions#maxRequests()}; {@code request_buffer_size} in alerts
 * @param maxBytes how many bytes of the protocol may wait, {@link RequestBufferOptions#maxBytes()}
 * @param depth how many wait now
 * @param maxDepth the most there were at a time
 * @param recentMaxDepth the most of the last minute or two; {@code max_buffer_depth} in alerts
 * @param bytes bytes of the protocol that wait now
 * @param recentPeakBytes the most of the last minute or two
 * @param buffered how many had to wait
 * @param answered how many of those were answered
 * @param expired how many of those were not sent by their deadline
 * @param overflows requests that were refused because too many waited; {@code buffer_overflow_count} in alerts
 * @param fallbacks how often, while a server was being left, the first request had to wait
 * @param waits how long those that were sent had waited
 */
public record RequestBufferMetrics(
        int capacity,
        long maxBytes,
        long depth,
        long maxDepth,
        long recentMaxDepth,
        long bytes,
        long recentPeakBytes,
        long buffered,
        long answered,
        long expired,
        long overflows,
        long fallbacks,
        DurationSummary waits) {}
