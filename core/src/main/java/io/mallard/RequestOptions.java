package io.mallard;

import java.time.Duration;

/**
 * How long a request waits for its reply, and what becomes of it when the connection it was sent on is lost meanwhile.
 *
 * <p>A request of which the server has not got every byte moves to the next connection, whatever the options: it cannot
 * have been executed. For one that was sent there are three ways to go on:
 *
 * <pre>{@code
 * RequestOptions.timeout(t)                      // wait: its reply may still arrive through the next connection
 * RequestOptions.timeout(t).failOnDisconnect()   // fail at once, and let the caller decide
 * RequestOptions.timeout(t).idempotent()         // send it again, once, on the next connection
 * }</pre>
 *
 * With both, a request is sent again once, and fails at once when that connection is lost too. A handover from a server
 * in lame duck mode is no loss: replies arrive through either connection.
 *
 * @param timeout longest time until the request ends, however often it is sent; more than a year counts as a year
 * @param isIdempotent whether it does no harm to execute the request twice
 * @param failsOnDisconnect whether the request fails when the connection it was sent on is lost
 */
public record RequestOptions(Duration timeout, boolean isIdempotent, boolean failsOnDisconnect) {
    /** Refuses a timeout that is over before it begins, as INVALID_ARG. */
    public RequestOptions {
        requirePositive("timeout", timeout);
    }

    /** Refuses a time that is over before it begins, as INVALID_ARG. */
    static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new NatsException(NatsStatus.INVALID_ARG, name + "=" + value + ", must be > 0");
        }
    }

    /**
     * A request that waits for its reply and is executed once at most.
     *
     * @param timeout longest time until it ends
     * @return the options
     * @throws NatsException INVALID_ARG when the timeout is not more than zero
     */
    public static RequestOptions timeout(Duration timeout) {
        return new RequestOptions(timeout, false, false);
    }

    /**
     * The same for a request that may be executed twice without harm: when the connection it was sent on is lost, it is
     * sent again, once, on the next one, or when there is one. The first reply of the two ends it. An asynchronous
     * request keeps a copy of its payload for that.
     *
     * @return the options with that
     */
    public RequestOptions idempotent() {
        return new RequestOptions(timeout, true, failsOnDisconnect);
    }

    /**
     * The same for a request that fails with CONNECTION_CLOSED, at once, when the connection it was sent on is lost. It
     * may have been executed.
     *
     * @return the options with that
     */
    public RequestOptions failOnDisconnect() {
        return new RequestOptions(timeout, isIdempotent, true);
    }
}
