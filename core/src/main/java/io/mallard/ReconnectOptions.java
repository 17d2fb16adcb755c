package io.mallard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens between the loss of a connection and the next one.
 *
 * @param bufferBytes publishes kept meanwhile, in bytes of the protocol; 0 keeps none, and they fail with
 *     {@link NatsStatus#INSUFFICIENT_BUFFER}. What it takes to tell them apart is not counted, 12 to 24 bytes each
 * @param firstDelay wait after every known server was tried once; doubled for every further round
 * @param maxDelay longest wait
 * @param jitter the share of a wait that is random: 1 for anything from zero to the wait, 0 for the wait itself
 * @param delay says how long to wait instead; null for what firstDelay, maxDelay and jitter say
 * @param maxAttempts a server that has failed so often in a row while there was no connection is tried no more until there
 *     is one; when none is left, the client closes. {@link #FOREVER} for no limit; 0 closes when the connection is lost
 * @param onInitialConnect whether {@link NatsClient#connect(NatsOptions)} returns a client that tries on, if it finds no
 *     server at first
 */
public record ReconnectOptions(
        int bufferBytes,
        Duration firstDelay,
        Duration maxDelay,
        double jitter,
        @Nullable ReconnectDelay delay,
        int maxAttempts,
        boolean onInitialConnect) {
    /** A server that comes back after a night finds its clients. */
    public static final int FOREVER = -1;

    /** 8 MiB, as other official clients have it (CONTRACT S32). */
    public static final int DEFAULT_BUFFER_BYTES = 8 << 20;

    /** The first attempt is made at once, this is before the second round. */
    public static final Duration DEFAULT_FIRST_DELAY = Duration.ofMillis(100);

    /** Long enough for a server to restart, short enough not to be noticed afterwards. */
    public static final Duration DEFAULT_MAX_DELAY = Duration.ofSeconds(5);

    /** All of the wait: the clients of a server that comes back are spread over the whole of it. */
    public static final double DEFAULT_JITTER = 1;

    /** Eight mebibytes, and random delays up to 100 ms, and later 5 s, for ever. */
    public static final ReconnectOptions DEFAULTS = new ReconnectOptions(
            DEFAULT_BUFFER_BYTES, DEFAULT_FIRST_DELAY, DEFAULT_MAX_DELAY, DEFAULT_JITTER, null, FOREVER, false);

    /**
     * Refuses a negative size, delays that are not positive or out of order, a share that is none, and a number of attempts
     * below -1.
     */
    public ReconnectOptions {
        NatsOptions.requireAtLeast("reconnectBufferSize", bufferBytes, 0);
        NatsOptions.requirePositive("reconnectFirstDelay", firstDelay);
        NatsOptions.requirePositive("reconnectMaxDelay", maxDelay);
        if (maxDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException(
                    "reconnectMaxDelay=" + maxDelay + ", must be >= reconnectFirstDelay=" + firstDelay);
        }
        if (!(jitter >= 0 && jitter <= 1)) { // Not a number is neither.
            throw new IllegalArgumentException("reconnectJitter=" + jitter + ", must be from 0 to 1");
        }
        NatsOptions.requireAtLeast("maxReconnectAttempts", maxAttempts, FOREVER);
    }
}
