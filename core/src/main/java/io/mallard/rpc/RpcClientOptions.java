package io.mallard.rpc;

import java.time.Duration;

/**
 * How an {@link RpcClient} calls.
 *
 * <pre>{@code
 * RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(5))
 * }</pre>
 *
 * @param timeout longest time for an answer ({@code requestTimeout} in C++); those that are called are told
 * @param awaitAnswer whether a kick or a push that nobody answers has failed, with PIT-504; otherwise it is {@link Delivery#SENT}
 */
public record RpcClientOptions(Duration timeout, boolean awaitAnswer) {
    static final Duration LONGEST = Duration.ofDays(1);

    /** As in Pitaya: 2 s. Kicks and pushes need no answer, because Pitaya's frontends in Go give none. */
    public static final RpcClientOptions DEFAULT = new RpcClientOptions(Duration.ofSeconds(2), false);

    /**
     * Refuses a time that is over before it begins, or that nobody waits for.
     *
     * @throws IllegalArgumentException if the timeout is not positive, or longer than a day
     */
    public RpcClientOptions {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("timeout=" + timeout + ", must be > 0 and <= " + LONGEST);
        }
    }

    /**
     * The same with another timeout.
     *
     * @param timeout longest time for an answer
     * @return the options with that
     */
    public RpcClientOptions timeout(Duration timeout) {
        return new RpcClientOptions(timeout, awaitAnswer);
    }

    /**
     * The same with another opinion of silence.
     *
     * @param awaitAnswer whether a kick or a push that nobody answers has failed
     * @return the options with that
     */
    public RpcClientOptions awaitAnswer(boolean awaitAnswer) {
        return new RpcClientOptions(timeout, awaitAnswer);
    }
}
