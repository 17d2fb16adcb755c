package io.mallard.rpc;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link RpcServer} works.
 *
 * <p>Calls are looked at as they come: what is beyond {@code maxCalls} is answered, not left to wait. What comes faster than it can be
 * looked at waits within the pending limits of the {@link io.mallard.NatsClient} ({@code maxPendingMessages}), beyond which it is dropped
 * without an answer; Pitaya's {@code maxPendingMsgs} of 100, which CONTRACT D9 would have here, is a tenth of a second of 1,000 calls, and not taken over.
 *
 * @param maxCalls so many at a time ({@code serverMaxNumberOfRpcs} in C++); more are answered with PIT-503
 * @param shutdownTimeout longest time that {@link RpcServer#close} waits for calls under way ({@code serverShutdownDeadline} in C++)
 * @param threads makes the threads that handlers run on; null for daemon threads. One of virtual threads is welcome
 */
public record RpcServerOptions(
        int maxCalls, Duration shutdownTimeout, @Nullable ThreadFactory threads) {
    /** As in Pitaya: 500 calls, 2 s. */
    public static final RpcServerOptions DEFAULT = new RpcServerOptions(500, Duration.ofSeconds(2), null);

    /**
     * Refuses numbers that cannot be right.
     *
     * @throws IllegalArgumentException if maxCalls is not positive, or shutdownTimeout negative or longer than a day
     */
    public RpcServerOptions {
        if (maxCalls < 1) {
            throw new IllegalArgumentException("maxCalls=" + maxCalls + ", must be >= 1");
        }
        if (shutdownTimeout.isNegative() || shutdownTimeout.compareTo(RpcClientOptions.LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "shutdownTimeout=" + shutdownTimeout + ", must be >= 0 and <= " + RpcClientOptions.LONGEST);
        }
    }

    /**
     * The same with another number of calls.
     *
     * @param maxCalls so many at a time
     * @return the options with that
     */
    public RpcServerOptions maxCalls(int maxCalls) {
        return new RpcServerOptions(maxCalls, shutdownTimeout, threads);
    }

    /**
     * The same with another time to shut down.
     *
     * @param shutdownTimeout longest time that closing waits for calls under way
     * @return the options with that
     */
    public RpcServerOptions shutdownTimeout(Duration shutdownTimeout) {
        return new RpcServerOptions(maxCalls, shutdownTimeout, threads);
    }

    /**
     * The same with other threads.
     *
     * @param threads makes those that handlers run on
     * @return the options with that
     */
    public RpcServerOptions threads(ThreadFactory threads) {
        return new RpcServerOptions(maxCalls, shutdownTimeout, threads);
    }
}
