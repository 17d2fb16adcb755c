package io.mallard.it.run;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One server's lame duck and restart.
 *
 * <p>Threading: immutable.
 *
 * @param movedTo the server the client went to, or a dash if it was not seen on another one
 * @param moved whether the client left this server as a {@link Departure} wants it
 * @param lameDuckAtSeconds when the signal was sent, from the start of the load
 * @param exitedAtSeconds when it was seen to have exited
 * @param replacedAtSeconds when it ran again and knew the other servers
 * @param calmAtSeconds when the calm second began that is compared with the one behind the signal, if there was one
 * @param loggedMs from the signal to the server's own log line
 * @param moveMs from the signal to the first look that showed the client's traffic on another server
 * @param swapNs what the client itself says of its swap
 */
public record Episode(
        String server,
        String movedTo,
        boolean moved,
        double lameDuckAtSeconds,
        double exitedAtSeconds,
        double replacedAtSeconds,
        OptionalDouble calmAtSeconds,
        long loggedMs,
        long moveMs,
        OptionalLong swapNs,
        Mark from,
        Mark to) {

    /** An episode with what became of the load in it. */
    public record Judged(Episode episode, Stretch stretch) {
        public boolean isFlawless() {
            return episode.moved && stretch.isFlawless();
        }
    }
}
