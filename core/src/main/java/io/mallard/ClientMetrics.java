package io.mallard;

/**
 * What a client has counted since it was made.
 *
 * @param ageNs since the client was made, in nanoseconds
 * @param messagesReceived messages and replies that servers have sent, second copies from two servers included
 * @param bytesReceived bytes that servers have sent, everything of the protocol included
 * @param messagesSent publishes, answers and requests handed to a socket; once more if that could not take them and they were sent on
 *     another one
 * @param bytesSent bytes handed to a socket, everything of the protocol included
 * @param publishesInDoubt publishes of which nobody knows whether they arrived, because their connection was lost; an upper
 *     bound, see {@link ClientListener#onDisconnected}
 * @param publishesResent publishes sent a second time because the connection they had been sent on was lost, see
 *     {@link PublishReliability#AT_LEAST_ONCE}
 * @param lameDuckEvents connections whose server announced its leaving while they carried the traffic
 * @param hotSwapAttempts hot swaps and failures together: a leaving server for which none could take over at first, and one did
 *     later, counts as both; {@code hot_swap_attempts} in alerts
 * @param hotSwapFailures leaving servers for which every other one was tried in vain, or that were gone before; {@code hot_swap_failures}
 *     in alerts
 * @param hotSwapCreationNs of the last standby that took over from a leaving server, how long that took, in nanoseconds; 0
 *     before the first one
 * @param hotSwapCreation the same of all of them
 * @param zeroDowntimeAchievements leaving servers of which {@link HandoverReport#isWithoutLoss()} can be said
 * @param zeroDowntimeFailures those of which it cannot; {@code zero_downtime_failures} in alerts
 * @param handovers moves to another server while the old one was still there
 * @param reconnects moves after the old connection was lost
 * @param duplicatesDropped second copies of messages that came through two servers and were not delivered
 * @param messagesDropped messages to subscriptions that were dropped because their handler was too slow
 * @param slowConsumers how often a handler began to be too slow
 * @param ambiguous messages of handovers that look like a neighbour: delivered, and perhaps twice
 * @param heldOverLimit messages of handovers there was no room to hold: delivered out of turn, and perhaps twice
 * @param lastSwapNs of the last move, from its reason to the moment since when new traffic goes to the other server, in
 *     nanoseconds; 0 before the first one
 * @param swap the same of all moves while the old server was still there: {@code handovers} of them
 * @param requestOverhead by how much the first request after each move took longer than the mean before, nothing if it did not; of
 *     moves with requests before and after
 * @param recovery from the news that a server leaves to the moment when nothing of the client is left there
 * @param outage from the loss of a connection to the moment when another one carries the traffic: {@code reconnects} of them
 * @param longLoopTurns turns of the event loop that took 10 ms or more, in which everybody's messages waited
 * @param requestsAnswered requests that got a reply
 * @param requestsTimedOut requests that got none in time
 * @param requestsFailed requests that ended without a reply before their time: refused for want of room or of a connection, because
 *     nobody listened, or because their connection or the client was closed. One with a wrong argument is none
 * @param requestsRetried requests sent a second time because the answer to the first was, in a handover, that nobody
 *     listens
 * @param requestsResent idempotent requests sent a second time because the connection they had been sent on was lost
 * @param publishesRefused publishes refused because a buffer was full, that of a connection or the reconnect buffer
 * @param pendingRequests requests waiting for a reply now, those included that wait for a connection
 * @param requestBuffer requests that had to wait for a connection
 */
public record ClientMetrics(
        long ageNs,
        long messagesReceived,
        long bytesReceived,
        long messagesSent,
        long bytesSent,
        long publishesInDoubt,
        long publishesResent,
        long lameDuckEvents,
        long hotSwapAttempts,
        long hotSwapFailures,
        long hotSwapCreationNs,
        DurationSummary hotSwapCreation,
        long zeroDowntimeAchievements,
        long zeroDowntimeFailures,
        long handovers,
        long reconnects,
        long duplicatesDropped,
        long messagesDropped,
        long slowConsumers,
        long ambiguous,
        long heldOverLimit,
        long lastSwapNs,
        DurationSummary swap,
        DurationSummary requestOverhead,
        DurationSummary recovery,
        DurationSummary outage,
        long longLoopTurns,
        long requestsAnswered,
        long requestsTimedOut,
        long requestsFailed,
        long requestsRetried,
        long requestsResent,
        long publishesRefused,
        int pendingRequests,
        RequestBufferMetrics requestBuffer) {
    /**
     * The share of attempts to hot-swap that succeeded (CONTRACT S24, S93).
     *
     * @return from 0 to 1; 1 as long as there was none
     */
    public double hotSwapSuccessRate() {
        return hotSwapAttempts == 0 ? 1 : (double) (hotSwapAttempts - hotSwapFailures) / hotSwapAttempts;
    }
}
