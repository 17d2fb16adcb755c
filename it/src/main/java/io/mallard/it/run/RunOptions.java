package io.mallard.it.run;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import java.time.Duration;

/**
 * What a run consists of.
 *
 * <p>Threading: immutable.
 *
 * @param requesterThreads so many requests can be under way at a time
 * @param serverVersion a version prefix, or empty for whatever server is found first
 * @param warmUp how long the load runs before the first episode; its latencies are those of a JVM that still compiles, and not judged
 */
public record RunOptions(
        int nodes,
        Load.Rates rates,
        int requesterThreads,
        Timetable timetable,
        String serverVersion,
        long seed,
        ClientKind client,
        HotSwap hotSwap,
        Duration warmUp) {
    public static final int DEFAULT_NODES = 3;
    public static final int DEFAULT_REQUESTS_PER_SECOND = 1000;
    public static final int DEFAULT_PUBLISHES_PER_SECOND = 5000;
    public static final int DEFAULT_RECEIVES_PER_SECOND = 5000;
    public static final Load.Rates DEFAULT_RATES =
            new Load.Rates(DEFAULT_REQUESTS_PER_SECOND, DEFAULT_PUBLISHES_PER_SECOND, DEFAULT_RECEIVES_PER_SECOND);
    public static final int DEFAULT_REQUESTER_THREADS = 8;
    public static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(3);

    /** The client needs a server to go to, and so do the judge's sockets. */
    public static final int MIN_NODES = 2;

    public static final int MAX_NODES = 9;
    public static final int MAX_PER_SECOND = 100_000;
    public static final int MAX_REQUESTER_THREADS = 256;
    public static final int MAX_EPISODES = 10_000;

    public RunOptions {
        check("nodes", nodes, MIN_NODES, MAX_NODES);
        check("rps", rates.requests(), 1, MAX_PER_SECOND);
        check("rate", rates.publishes(), 1, MAX_PER_SECOND);
        check("receive-rate", rates.receives(), 1, MAX_PER_SECOND);
        check("standbys", hotSwap.standbys(), 0, HotSwap.MAX_STANDBYS);
        check("threads", requesterThreads, 1, MAX_REQUESTER_THREADS);
        if (client != ClientKind.MALLARD && !hotSwap.enabled()) {
            throw new IllegalArgumentException("no-hot-swap is an option of mallard; " + client + " has no hot swap");
        }
    }

    /** Refuses a value in the words of the option that gave it. */
    public static void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(option + "=" + value + ", must be " + min + " to " + max);
        }
    }
}
