package io.mallard;

import java.time.Duration;

/**
 * Says how long to wait before all servers are tried once more, instead of the delays that the options describe.
 *
 * <p>Threading: called on the executor, never twice at a time for one client.
 */
@FunctionalInterface
public interface ReconnectDelay {
    /**
     * How long to wait. If it throws, gives null or a negative duration or one of more than a year, or has not returned
     * after a second, the client goes by its options; the first three are told to {@link ClientListener#onError}.
     *
     * @param failedRounds rounds over all servers that have failed since there was a connection, 1 for the first
     * @return the wait, counted from the end of that round; zero for none
     */
    Duration after(int failedRounds);
}
