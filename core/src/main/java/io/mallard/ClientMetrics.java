package io.mallard;

/**
 * What a client has counted since it was made.
 *
 * @param publishesInDoubt publishes of which nobody knows whether they arrived, because their connection was lost; an upper
 *     bound, see {@link ClientListener#onDisconnected}
 * @param lameDuckEvents connections whose server announced its leaving while they carried the traffic
 * @param handovers moves to another server while the old one was still there
 * @param reconnects moves after the old connection was lost
 * @param pendingRequests requests waiting for a reply now
 */
public record ClientMetrics(
        long publishesInDoubt, long lameDuckEvents, long handovers, long reconnects, int pendingRequests) {}
