package io.mallard.internal.request;

/**
 * What became of the requests and publishes of a client until some moment, as far as it was not what they were made for.
 *
 * <p>Threading: immutable.
 */
public record RequestTally(long timedOut, long buffered, long refused, long publishesRefused) {
    public static final RequestTally NOTHING = new RequestTally(0, 0, 0, 0);

    public RequestTally since(RequestTally before) {
        return new RequestTally(
                timedOut - before.timedOut,
                buffered - before.buffered,
                refused - before.refused,
                publishesRefused - before.publishesRefused);
    }
}
