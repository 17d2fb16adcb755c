package io.mallard;

/**
 * What a client has counted since it was made.
 *
 * @param publishesInDoubt publishes handed to a socket that died before a PONG covered them: the server may or may not
 *     have processed them
 * @param lameDuckEvents connections whose server announced its leaving while they carried the traffic
 * @param handovers moves to another server while the old one was still there
 * @param reconnects moves after the old connection was lost
 * @param requestsRetried requests sent a second time because the answer to the first was, in a handover, that nobody
 *     listens
 * @param requestsResent idempotent requests sent a second time because the connection they had been sent on was lost
 * @param pendingRequests requests waiting for a reply now
 */
public record ClientMetrics(
        long publishesInDoubt,
        long lameDuckEvents,
        long handovers,
        long reconnects,
        long requestsRetried,
        long requestsResent,
        int pendingRequests) {}
