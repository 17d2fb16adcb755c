package io.mallard;

/**
 * What a client has counted since it was made.
 *
 * @param publishesInDoubt publishes handed to a socket that died before a PONG covered them: the server may or may not
 *     have processed them
 * @param lameDuckEvents connections whose server announced its leaving while they carried the traffic
 * @param handovers moves to another server while the old one was still there
 * @param reconnects moves after the old connection was lost
 * @param pendingRequests requests waiting for a reply now
 */
public record ClientMetrics(
        long publishesInDoubt, long lameDuckEvents, long handovers, long reconnects, int pendingRequests) {}
