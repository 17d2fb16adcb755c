package io.mallard.it.run;

import io.mallard.it.load.Window;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether the client had a standby, moment by moment.
 *
 * <p>Threading: any thread; one lock guards everything.
 */
final class StandbyLog {
    /** Enough for the longest run: it is not to grow in one that watches its heap. */
    private static final int ROOM = 1 << 16;

    private static final double UNITS_PER_SECOND = 1e5;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock. The time in units, its sign negative if there was no standby.
    private int[] moments = new int[ROOM];
    private int count;

    void add(double atSeconds, boolean ready) {
        lock.lock();
        try {
            if (count == moments.length) {
                moments = Arrays.copyOf(moments, 2 * count);
            }
            int units = (int) Math.round(atSeconds * UNITS_PER_SECOND);
            moments[count++] = ready ? units : -units;
        } finally {
            lock.unlock();
        }
    }

    /** Of the moments in these windows, those with a standby. */
    Share readyIn(List<Window> windows) {
        lock.lock();
        try {
            long inside = 0;
            long ready = 0;
            for (int i = 0; i < count; i++) {
                double atSeconds = Math.abs(moments[i]) / UNITS_PER_SECOND;
                if (windows.stream().anyMatch(window -> window.contains(atSeconds))) {
                    inside++;
                    ready += moments[i] > 0 ? 1 : 0;
                }
            }
            return new Share(ready, inside);
        } finally {
            lock.unlock();
        }
    }
}
