package io.mallard.internal.outbound;

/**
 * What the end of a connection says about what was sent on it.
 *
 * <p>Threading: immutable.
 *
 * @param maxPayload the largest message the server takes, in bytes
 * @param isForWhatWasSent whether the server has closed it because it could not take something
 */
public record Ending(long maxPayload, boolean isForWhatWasSent) {
    /** Nothing. */
    public static final Ending UNKNOWN = new Ending(Long.MAX_VALUE, false);
}
