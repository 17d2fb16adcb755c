package io.mallard.it.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * When the client's server goes lame, and when a run ends. All times count from the end of the warm-up.
 *
 * <p>Threading: immutable.
 *
 * @param lameDucks when each is due, in this order; one that is late begins as soon as the client is ready for it
 * @param atLeast how long the load goes on, however soon the last episode is over
 */
public record Timetable(List<Duration> lameDucks, Duration atLeast) {
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(10);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(15);

    /** From a signal to the end of its episode, as a rule. */
    private static final Duration EPISODE = Duration.ofSeconds(5);

    /** Time enough for one lame duck, whenever it is due. */
    public static final Duration SHORTEST = LONGEST_INTERVAL.plus(EPISODE);

    /** A result has all samples of a run in memory, and a report shows them. */
    public static final Duration LONGEST = Duration.ofHours(1);

    public Timetable {
        lameDucks = List.copyOf(lameDucks);
    }

    /** Each as soon as the client is ready, and the end behind the last one. */
    public static Timetable inARow(int episodes) {
        return new Timetable(Collections.nCopies(episodes, Duration.ZERO), Duration.ZERO);
    }

    /** So long under load, with a lame duck every 10 to 15 s. */
    public static Timetable over(Duration duration, RandomGenerator random) {
        if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("duration=" + duration.toSeconds() + "s, must be " + SHORTEST.toSeconds()
                    + "s to " + LONGEST.toMinutes() + "m");
        }
        List<Duration> lameDucks = new ArrayList<>();
        Duration next = interval(random);
        while (next.plus(EPISODE).compareTo(duration) <= 0) {
            lameDucks.add(next);
            next = next.plus(interval(random));
        }
        return new Timetable(lameDucks, duration);
    }

    /** So long under load, with a lame duck whenever this interval is over. */
    public static Timetable every(Duration interval, Duration duration) {
        Duration shortest = interval.plus(EPISODE);
        if (interval.compareTo(EPISODE) < 0) {
            throw new IllegalArgumentException("episode-every=" + interval.toSeconds() + "s, must be at least "
                    + EPISODE.toSeconds() + "s, which an episode takes");
        }
        if (duration.compareTo(shortest) < 0 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("duration=" + duration.toSeconds() + "s, must be " + shortest.toSeconds()
                    + "s to " + LONGEST.toMinutes() + "m");
        }
        List<Duration> lameDucks = new ArrayList<>();
        for (Duration next = interval; next.plus(EPISODE).compareTo(duration) <= 0; next = next.plus(interval)) {
            lameDucks.add(next);
        }
        return new Timetable(lameDucks, duration);
    }

    private static Duration interval(RandomGenerator random) {
        return Duration.ofMillis(random.nextLong(SHORTEST_INTERVAL.toMillis(), LONGEST_INTERVAL.toMillis() + 1));
    }

    /** The share of the run that is behind it, by the clock if that ends it and by its episodes if not. */
    double done(int played, double elapsedSeconds) {
        return atLeast.isZero()
                ? played / (double) lameDucks.size()
                : Math.min(1, elapsedSeconds * 1e3 / atLeast.toMillis());
    }
}
