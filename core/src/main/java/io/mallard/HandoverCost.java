package io.mallard;

/**
 * What a handover has cost those who asked, published and subscribed, from its reason to its end.
 *
 * @param requestsBuffered requests that had to wait for a connection
 * @param requestsRefused requests that were refused because too many waited, or none may wait
 * @param publishesRefused publishes that were refused because a buffer was full
 * @param messagesDropped messages to subscriptions that were dropped because their handler was too slow
 * @param requestsAnswered replies to requests made since new traffic went to another server the last time, buffered ones
 *     not counted
 * @param firstRequestOverheadNs by how much the first of these took longer than the mean before, in nanoseconds; may be
 *     negative, and is {@link #UNKNOWN_NS} where there was no reply before or since
 * @param meanRequestOverheadNs the same of all of them
 */
public record HandoverCost(
        long requestsBuffered,
        long requestsRefused,
        long publishesRefused,
        long messagesDropped,
        long requestsAnswered,
        long firstRequestOverheadNs,
        long meanRequestOverheadNs) {
    /** Of a time that there is nothing to tell from. */
    public static final long UNKNOWN_NS = Long.MIN_VALUE;

    /** Of a handover that nobody noticed. */
    public static final HandoverCost NONE = new HandoverCost(0, 0, 0, 0, 0, UNKNOWN_NS, UNKNOWN_NS);
}
