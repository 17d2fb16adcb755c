package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.judge.Findings;

/**
 * One server's lame duck and restart, and what it meant to the load.
 *
 * <p>Threading: immutable.
 *
 * @param movedTo the server the client went to, or a dash if it was not seen on another one
 * @param moved whether monitoring showed the client's traffic on another server, and its absence from this one before the exit
 * @param lameDuckAtSeconds when the signal was sent, from the start of the load
 * @param loggedMs from the signal to the server's own log line
 * @param moveMs from the signal to the first look that showed the client's traffic on another server
 * @param from what had been published when the episode began; {@code to}: when it ended
 */
public record Episode(
        String server,
        String movedTo,
        boolean moved,
        double lameDuckAtSeconds,
        long loggedMs,
        long moveMs,
        long requests,
        long failed,
        double worstRequestMs,
        Position from,
        Position to) {

    /** An episode with what the judge found among its publishes. */
    public record Judged(Episode episode, Findings findings) {}
}
