package io.mallard.it.run;

/**
 * One server's lame duck and restart.
 *
 * <p>Threading: immutable.
 *
 * @param movedTo the server the client went to, or a dash if it was not seen on another one
 * @param moved whether the client left this server as a {@link Departure} wants it
 * @param lameDuckAtSeconds when the signal was sent, from the start of the load
 * @param loggedMs from the signal to the server's own log line
 * @param moveMs from the signal to the first look that showed the client's traffic on another server
 */
public record Episode(
        String server,
        String movedTo,
        boolean moved,
        double lameDuckAtSeconds,
        long loggedMs,
        long moveMs,
        Mark from,
        Mark to) {

    /** An episode with what became of the load in it. */
    public record Judged(Episode episode, Stretch stretch) {}
}
