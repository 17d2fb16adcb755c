package io.mallard.internal.request;

/**
 * What became of the requests, publishes and messages of a client until some moment, as far as it was not what they were made
 * for.
 *
 * <p>Threading: immutable.
 */
public record ClientTally(long timedOut, long buffered, long refused, long publishesRefused, long messagesDropped) {
    public static final ClientTally NOTHING = new ClientTally(0, 0, 0, 0, 0);

    public ClientTally since(ClientTally before) {
        return new ClientTally(
                timedOut - before.timedOut,
                buffered - before.buffered,
                refused - before.refused,
                publishesRefused - before.publishesRefused,
                messagesDropped - before.messagesDropped);
    }
}
