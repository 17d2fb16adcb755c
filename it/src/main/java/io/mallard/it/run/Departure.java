package io.mallard.it.run;

import io.mallard.it.run.Whereabouts.Sighting;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How the client leaves a lame server, put together from one look after the other: it has left when its traffic was seen on another
 * server, and it was gone from this one before that evicted anybody.
 *
 * <p>Threading: used by one thread.
 */
final class Departure {
    private final int node;
    private final Duration grace;

    private OptionalInt destination = OptionalInt.empty();
    private Duration taken = Duration.ZERO;

    // Once true, always true.
    private boolean complete;

    /** @param grace a server evicts nobody for so long after its signal */
    Departure(int node, Duration grace) {
        this.node = node;
        this.grace = grace;
    }

    /** @param sinceSignal taken behind the look */
    void onSighting(Sighting sighting, Duration sinceSignal) {
        if (destination.isEmpty()) {
            destination = sighting.activeOff(node);
            taken = sinceSignal;
        }
        // Behind the grace, an absence may be the server's doing: a client that was evicted and came back elsewhere has
        // not moved.
        complete |= destination.isPresent() && sighting.isNotOn(node) && sinceSignal.compareTo(grace) < 0;
    }

    /** Where the client's traffic was first seen, if it was seen on another server at all. */
    OptionalInt destination() {
        return destination;
    }

    /** From the signal to the first look that showed the {@link #destination}. */
    Duration taken() {
        return taken;
    }

    boolean isComplete() {
        return complete;
    }
}
