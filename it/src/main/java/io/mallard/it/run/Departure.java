package io.mallard.it.run;

import io.mallard.it.run.Whereabouts.Sighting;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * How the client leaves a lame server, put together from one look after the other: it has left when its traffic was seen on another
 * server, and it was gone from this one before that began to evict its clients.
 *
 * <p>Threading: used by one thread.
 */
final class Departure {
    private final int node;
    private final BooleanSupplier evicting;

    private OptionalInt destination = OptionalInt.empty();
    private Duration taken = Duration.ZERO;

    // Once true, always true.
    private boolean complete;

    /** @param evicting whether the server has said that it begins to evict its clients */
    Departure(int node, BooleanSupplier evicting) {
        this.node = node;
        this.evicting = evicting;
    }

    /** @param sinceSignal taken behind the look */
    void onSighting(Sighting sighting, Duration sinceSignal) {
        if (destination.isEmpty()) {
            destination = sighting.activeOff(node);
            taken = sinceSignal;
        }
        // An absence may be the server's doing: a client that was evicted and came back elsewhere has not moved. The
        // server is asked behind the look: if it has evicted nobody until now, it had not when the client was gone.
        complete = complete || (destination.isPresent() && sighting.isNotOn(node) && !evicting.getAsBoolean());
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
