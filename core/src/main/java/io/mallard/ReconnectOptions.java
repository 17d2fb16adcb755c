package io.mallard;

import java.time.Duration;

/**
 * What happens between the loss of a connection and the next one.
 *
 * @param bufferBytes publishes kept meanwhile, in bytes of the protocol; 0 keeps none, and they fail with
 *     {@link NatsStatus#INSUFFICIENT_BUFFER}. What it takes to tell them apart is not counted, 12 to 24 bytes each
 * @param firstDelay wait after every known server was tried once; doubled for every further round
 * @param maxDelay longest wait
 * @param maxAttempts after this many failed rounds in a row, each over every known server, while no connection carries
 *     the traffic, the client closes; {@link #FOREVER} never does
 */
public record ReconnectOptions(int bufferBytes, Duration firstDelay, Duration maxDelay, int maxAttempts) {
    /** A server that comes back after a night finds its clients. */
    public static final int FOREVER = -1;

    /** 8 MiB, as other official clients have it (CONTRACT S32). */
    public static final int DEFAULT_BUFFER_BYTES = 8 << 20;

    /** The first attempt is made at once, this is before the second round. */
    public static final Duration DEFAULT_FIRST_DELAY = Duration.ofMillis(100);

    /** Long enough for a server to restart, short enough not to be noticed afterwards. */
    public static final Duration DEFAULT_MAX_DELAY = Duration.ofSeconds(5);

    /** Eight mebibytes, and delays from 100 ms to 5 s, for ever. */
    public static final ReconnectOptions DEFAULTS =
            new ReconnectOptions(DEFAULT_BUFFER_BYTES, DEFAULT_FIRST_DELAY, DEFAULT_MAX_DELAY, FOREVER);

    /** Refuses a negative size, delays that are not positive or out of order, and a number of attempts below -1. */
    public ReconnectOptions {
        NatsOptions.requireAtLeast("reconnectBufferSize", bufferBytes, 0);
        NatsOptions.requirePositive("reconnectFirstDelay", firstDelay);
        NatsOptions.requirePositive("reconnectMaxDelay", maxDelay);
        if (maxDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException(
                    "reconnectMaxDelay=" + maxDelay + ", must be >= reconnectFirstDelay=" + firstDelay);
        }
        NatsOptions.requireAtLeast("maxReconnectAttempts", maxAttempts, FOREVER);
    }
}
