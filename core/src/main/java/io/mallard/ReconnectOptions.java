package io.mallard;

import java.time.Duration;

/**
 * What happens between the loss of a connection and the next one.
 *
 * @param bufferBytes publishes and requests kept meanwhile, in bytes of the protocol; 0 keeps none, and operations fail
 *     with {@link NatsStatus#INSUFFICIENT_BUFFER}
 * @param firstDelay wait after every known server was tried once; doubled for every further round
 * @param maxDelay longest wait
 */
public record ReconnectOptions(int bufferBytes, Duration firstDelay, Duration maxDelay) {
    /** 8 MiB, as other official clients have it (CONTRACT S32). */
    public static final int DEFAULT_BUFFER_BYTES = 8 << 20;

    /** The first attempt is made at once, this is before the second round. */
    public static final Duration DEFAULT_FIRST_DELAY = Duration.ofMillis(100);

    /** Long enough for a server to restart, short enough not to be noticed afterwards. */
    public static final Duration DEFAULT_MAX_DELAY = Duration.ofSeconds(5);

    /** Eight mebibytes, and delays from 100 ms to 5 s. */
    public static final ReconnectOptions DEFAULTS =
            new ReconnectOptions(DEFAULT_BUFFER_BYTES, DEFAULT_FIRST_DELAY, DEFAULT_MAX_DELAY);

    /** Refuses a negative size, and delays that are not positive or out of order. */
    public ReconnectOptions {
        NatsOptions.requireAtLeast("reconnectBufferSize", bufferBytes, 0);
        NatsOptions.requirePositive("reconnectFirstDelay", firstDelay);
        if (maxDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException(
                    "reconnectMaxDelay=" + maxDelay + ", must be >= reconnectFirstDelay=" + firstDelay);
        }
    }
}
