package io.mallard;

import java.time.Duration;
import java.util.Objects;

/**
 * How one connection is made, watched and filled.
 *
 * @param connectTimeout longest time one attempt at one server may take, from the name lookup to its first PONG
 * @param pingInterval a keep-alive PING is sent after this much time
 * @param maxPingsOut that many unanswered keep-alive PINGs end a connection
 * @param outboundBufferBytes encoded commands the socket has not taken yet; beyond it {@code publish} waits
 * @param publishReliability what becomes of publishes that may be lost with a connection
 * @param maxRetainedBytes publishes that are kept to be sent again, with {@link PublishReliability#AT_LEAST_ONCE}; beyond
 *     it {@code publish} waits
 * @param publishTimeout longest time {@code publish} waits for room in either
 * @param writeTimeout a server that takes no bytes for this long, while some are to be written, loses the connection
 * @param flushTimeout longest time {@code close} waits for the server to have processed what was published
 * @param echo whether the client receives what it publishes itself to subjects it subscribes to
 */
public record ConnectionOptions(
        Duration connectTimeout,
        Duration pingInterval,
        int maxPingsOut,
        int outboundBufferBytes,
        PublishReliability publishReliability,
        int maxRetainedBytes,
        Duration publishTimeout,
        Duration writeTimeout,
        Duration flushTimeout,
        boolean echo) {
    /** Enough for a distant server, short enough to try the next one soon (CONTRACT S46). */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A dead link is noticed within a minute, at three PINGs per minute and connection. */
    public static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(20);

    /** As every official client has it. */
    public static final int DEFAULT_MAX_PINGS_OUT = 2;

    /** Large enough to ride out a pause of the server at full rate, small enough not to hide one. */
    public static final int DEFAULT_OUTBOUND_BUFFER_BYTES = 4 << 20;

    /** As every official client has it: whoever needs more knows that repetition does no harm. */
    public static final PublishReliability DEFAULT_PUBLISH_RELIABILITY = PublishReliability.AT_MOST_ONCE;

    /** What is sent in the 100 ms until a server has answered for it and lived on, at 500 MB/s. */
    public static final int DEFAULT_MAX_RETAINED_BYTES = 64 << 20;

    /** As long as a server waits for a slow client before it gives up. */
    public static final Duration DEFAULT_PUBLISH_TIMEOUT = Duration.ofSeconds(10);

    /** Half of the above: a publish that waits for room goes on on another server. */
    public static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(5);

    /** A server that takes longer to answer a PING is not going to (CONTRACT S38). */
    public static final Duration DEFAULT_FLUSH_TIMEOUT = Duration.ofSeconds(1);

    /** They are in one array, and what two connections before this one had kept may join them. */
    private static final int MOST_RETAINED_BYTES = 256 << 20;

    /** The values above, with echo. */
    public static final ConnectionOptions DEFAULTS = new ConnectionOptions(
            DEFAULT_CONNECT_TIMEOUT,
            DEFAULT_PING_INTERVAL,
            DEFAULT_MAX_PINGS_OUT,
            DEFAULT_OUTBOUND_BUFFER_BYTES,
            DEFAULT_PUBLISH_RELIABILITY,
            DEFAULT_MAX_RETAINED_BYTES,
            DEFAULT_PUBLISH_TIMEOUT,
            DEFAULT_WRITE_TIMEOUT,
            DEFAULT_FLUSH_TIMEOUT,
            true);

    /** Refuses durations and counts that are not positive, buffers smaller than a kibibyte, and more than 256 MiB to retain. */
    public ConnectionOptions {
        NatsOptions.requirePositive("connectTimeout", connectTimeout);
        NatsOptions.requirePositive("pingInterval", pingInterval);
        NatsOptions.requireAtLeast("maxPingsOut", maxPingsOut, 1);
        NatsOptions.requireAtLeast("outboundBufferBytes", outboundBufferBytes, 1024);
        Objects.requireNonNull(publishReliability, "publishReliability");
        NatsOptions.requireAtLeast("maxRetainedBytes", maxRetainedBytes, 1024);
        NatsOptions.requireAtMost("maxRetainedBytes", maxRetainedBytes, MOST_RETAINED_BYTES);
        NatsOptions.requirePositive("publishTimeout", publishTimeout);
        NatsOptions.requirePositive("writeTimeout", writeTimeout);
        NatsOptions.requirePositive("flushTimeout", flushTimeout);
    }
}
