package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Load;

/**
 * Divides a run into stretches. Stretches that meet at the same mark neither share anything nor leave anything out.
 *
 * <p>Threading: used by one thread.
 */
final class Tally {
    private final Load load;
    private final LatencyTimeline latencies;
    private final DeliveryLedger deliveries;

    Tally(Load load, LatencyTimeline latencies, DeliveryLedger deliveries) {
        this.load = load;
        this.latencies = latencies;
        this.deliveries = deliveries;
    }

    Mark origin() {
        return new Mark(0, 0, 0, deliveries.origin());
    }

    Mark mark() {
        return new Mark(
                latencies.secondsAt(System.nanoTime()), load.requests(), load.requestsFailed(), deliveries.position());
    }

    /** By what has been seen until now: a message may arrive long behind the stretch in which it was published. */
    Stretch between(Mark from, Mark to) {
        return new Stretch(
                to.requests() - from.requests(),
                to.failed() - from.failed(),
                latencies.worstMs(from.atSeconds(), to.atSeconds()),
                deliveries.between(from.publishes(), to.publishes()));
    }
}
