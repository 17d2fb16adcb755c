package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Load;
import io.mallard.it.load.Window;
import java.time.Duration;

/**
 * Divides a run into stretches. Stretches that meet at the same mark neither share anything nor leave anything out.
 *
 * <p>Threading: used by one thread.
 */
final class Tally {
    private final Load load;
    private final LatencyTimeline latencies;
    private final DeliveryLedger publishes;
    private final DeliveryLedger receives;

    Tally(Load load, LatencyTimeline latencies, DeliveryLedger publishes, DeliveryLedger receives) {
        this.load = load;
        this.latencies = latencies;
        this.publishes = publishes;
        this.receives = receives;
    }

    Mark origin() {
        return new Mark(0, 0, 0, publishes.origin(), receives.origin());
    }

    double seconds() {
        return latencies.secondsAt(System.nanoTime());
    }

    Mark mark() {
        return new Mark(seconds(), load.requests(), load.requestsFailed(), publishes.position(), receives.position());
    }

    /** By what has been seen until now: a message may arrive long behind the stretch in which it was published. */
    Stretch between(Mark from, Mark to) {
        return new Stretch(
                to.requests() - from.requests(),
                to.failed() - from.failed(),
                latencies.worstMs(new Window(from.atSeconds(), to.atSeconds())),
                publishes.between(from.publishes(), to.publishes()),
                receives.between(from.receives(), to.receives()));
    }

    /** Waits until everything between two marks has arrived, or the time is up: what is missing then is a finding. */
    void awaitSeen(Mark from, Mark to, Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        publishes.awaitSeen(from.publishes(), to.publishes(), timeout);
        receives.awaitSeen(from.receives(), to.receives(), Duration.ofNanos(deadlineNs - System.nanoTime()));
    }
}
