package io.mallard.it.run;

import io.mallard.it.load.Window;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Whether the client had a standby, moment by moment.
 *
 * <p>Threading: written by one thread, read by any.
 */
final class StandbyLog {
    private final Queue<Moment> moments = new ConcurrentLinkedQueue<>();

    private record Moment(double atSeconds, boolean ready) {}

    void add(double atSeconds, boolean ready) {
        moments.add(new Moment(atSeconds, ready));
    }

    /** Of the moments in these windows, those with a standby. */
    Share readyIn(List<Window> windows) {
        List<Moment> inside = moments.stream()
                .filter(moment -> windows.stream().anyMatch(window -> window.contains(moment.atSeconds())))
                .toList();
        return new Share(inside.stream().filter(Moment::ready).count(), inside.size());
    }
}
