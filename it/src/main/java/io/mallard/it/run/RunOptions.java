package io.mallard.it.run;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.Load;
import java.time.Duration;

/**
 * What a run consists of.
 *
 * <p>Threading: immutable.
 *
 * @param serverVersion a version prefix, or empty for whatever server is found first
 * @param warmUp how long the load runs before the first episode; its latencies are those of a JVM that still compiles, and not judged
 */
public record RunOptions(
        int nodes,
        Load.Rates rates,
        int rounds,
        String serverVersion,
        long seed,
        ClientKind client,
        boolean hotSwap,
        Duration warmUp) {
    public static final int DEFAULT_NODES = 3;
    public static final int DEFAULT_REQUESTS_PER_SECOND = 1000;
    public static final int DEFAULT_PUBLISHES_PER_SECOND = 5000;
    public static final int DEFAULT_ROUNDS = 1;
    public static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(3);

    /** The client needs a server to go to, and so do the judge's sockets. */
    public static final int MIN_NODES = 2;

    public static final int MAX_NODES = 9;
    public static final int MAX_PER_SECOND = 100_000;
    public static final int MAX_ROUNDS = 1000;

    public RunOptions {
        check("nodes", nodes, MIN_NODES, MAX_NODES);
        check("rps", rates.requests(), 1, MAX_PER_SECOND);
        check("rate", rates.publishes(), 1, MAX_PER_SECOND);
        check("rounds", rounds, 1, MAX_ROUNDS);
        if (client != ClientKind.MALLARD && !hotSwap) {
            throw new IllegalArgumentException("no-hot-swap is an option of mallard; " + client + " has no hot swap");
        }
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + ", must be " + min + " to " + max);
        }
    }

    public int episodes() {
        return nodes * rounds;
    }
}
