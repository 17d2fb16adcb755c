package io.mallard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a request for several replies ends (ADR-47): whatever happens first. The time somebody takes to handle a reply does not
 * count.
 *
 * <pre>{@code
 * RequestManyOptions.timeout(t)                  // all that come within the time
 * RequestManyOptions.timeout(t).stall(s)         // ... until none comes for a while after another one
 * RequestManyOptions.timeout(t).maxReplies(5)    // ... until there are five
 * RequestManyOptions.timeout(t).untilEmpty()     // ... until one without a payload, which says that there are no more
 * }</pre>
 *
 * @param timeout longest time to wait for all of them, and for the first one
 * @param stall longest time to wait for another one; null for none but the timeout
 * @param maxReplies so many are enough
 * @param endsWithEmpty whether a reply without a payload says that it is the last, and is none itself
 */
public record RequestManyOptions(Duration timeout, @Nullable Duration stall, int maxReplies, boolean endsWithEmpty) {
    /** Refuses times that are over before they begin and a number that is not positive, as INVALID_ARG. */
    public RequestManyOptions {
        RequestOptions.requirePositive("timeout", timeout);
        if (stall != null) {
            RequestOptions.requirePositive("stall", stall);
        }
        if (maxReplies < 1) {
            throw new NatsException(NatsStatus.INVALID_ARG, "maxReplies=" + maxReplies + ", must be >= 1");
        }
    }

    /**
     * All replies that come within a time.
     *
     * @param timeout the time
     * @return the options
     * @throws NatsException INVALID_ARG when it is not more than zero
     */
    public static RequestManyOptions timeout(Duration timeout) {
        return new RequestManyOptions(timeout, null, Integer.MAX_VALUE, false);
    }

    /**
     * The same until none has come for a while after another one.
     *
     * @param stall the while
     * @return the options with that
     * @throws NatsException INVALID_ARG when it is not more than zero
     */
    public RequestManyOptions stall(Duration stall) {
        return new RequestManyOptions(timeout, stall, maxReplies, endsWithEmpty);
    }

    /**
     * The same until that many have come.
     *
     * @param maxReplies at least 1
     * @return the options with that
     * @throws NatsException INVALID_ARG when it is less
     */
    public RequestManyOptions maxReplies(int maxReplies) {
        return new RequestManyOptions(timeout, stall, maxReplies, endsWithEmpty);
    }

    /**
     * The same until one comes that has no payload, the standard way for a responder to say that there are no more.
     *
     * @return the options with that
     */
    public RequestManyOptions untilEmpty() {
        return new RequestManyOptions(timeout, stall, maxReplies, true);
    }
}
