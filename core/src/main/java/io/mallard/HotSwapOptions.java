package io.mallard;

import java.time.Duration;
import java.util.List;

/**
 * The connections held ready to take over: how many, to which servers, and how they are made and watched.
 *
 * @param enabled whether the client leaves a server in lame duck mode by itself; if not, it stays until the server
 *     evicts it, and holds no connection ready
 * @param standbys validated connections to other servers held ready: 0 connects only when one is needed
 * @param servers URLs to prefer for them, in this order; the other known servers come after these
 * @param preferDifferentServer whether they are made to other servers than the one in use, which is no candidate then
 * @param timeout longest time one attempt to make such a connection may take
 * @param refillJitter after a standby was used, the next one is made at a random moment within this, so that all
 *     clients of a server do not connect at once
 * @param checkInterval how often a standby is asked, by a PING with a deadline, whether it is still of use
 * @param breakerFailures after this many failed rounds over all candidates in a row no standby is tried for a while
 * @param breakerPause how long that while is; traffic that has no connection, or must leave its own, does not wait for it
 * @param hotInbox whether replies are received through the standbys too, so that the abrupt loss of the connection costs
 *     almost none; each reply then comes once more for each of them, and the further copies are dropped
 */
public record HotSwapOptions(
        boolean enabled,
        int standbys,
        List<String> servers,
        boolean preferDifferentServer,
        Duration timeout,
        Duration refillJitter,
        Duration checkInterval,
        int breakerFailures,
        Duration breakerPause,
        boolean hotInbox) {
    /** One survives the server in use; more survive several servers that leave at once. */
    public static final int DEFAULT_STANDBYS = 1;

    /** Each costs a connection on a server for every client: more than this is a mistake, not a precaution. */
    public static final int MAX_STANDBYS = 8;

    /** Long enough for a handshake with a busy server, half of the usual grace period (CONTRACT S34). */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** A handful of connects per second on the surviving servers for a thousand clients. */
    public static final Duration DEFAULT_REFILL_JITTER = Duration.ofSeconds(2);

    /** Shorter than the usual grace period of 10 s, so that a standby that died is replaced within it. */
    public static final Duration DEFAULT_CHECK_INTERVAL = Duration.ofSeconds(5);

    /** With the backoff between rounds, some three seconds of failures: longer than a server takes to restart. */
    public static final int DEFAULT_BREAKER_FAILURES = 5;

    /** Rarely enough to leave an ailing cluster in peace, often enough to have a standby before the next rollout. */
    public static final Duration DEFAULT_BREAKER_PAUSE = Duration.ofSeconds(30);

    /** One standby on any other server, and the durations above. */
    public static final HotSwapOptions DEFAULTS = new HotSwapOptions(
            true,
            DEFAULT_STANDBYS,
            List.of(),
            true,
            DEFAULT_TIMEOUT,
            DEFAULT_REFILL_JITTER,
            DEFAULT_CHECK_INTERVAL,
            DEFAULT_BREAKER_FAILURES,
            DEFAULT_BREAKER_PAUSE,
            false);

    /** Refuses counts out of bounds, and durations that are negative or make no sense as zero. */
    public HotSwapOptions {
        if (standbys < 0 || standbys > MAX_STANDBYS) {
            throw new IllegalArgumentException("standbys=" + standbys + ", must be from 0 to " + MAX_STANDBYS);
        }
        servers = List.copyOf(servers);
        NatsOptions.requirePositive("hotSwapTimeout", timeout);
        NatsOptions.requireNotNegative("standbyRefillJitter", refillJitter);
        NatsOptions.requirePositive("standbyCheckInterval", checkInterval);
        NatsOptions.requireAtLeast("hotSwapBreakerFailures", breakerFailures, 1);
        NatsOptions.requirePositive("hotSwapBreakerPause", breakerPause);
    }

    /** Says the options that are for people to see at a glance; of URLs not the credentials. */
    @Override
    public String toString() {
        return (enabled ? "enabled" : "disabled")
                + ", standbys=" + standbys
                + (servers.isEmpty()
                        ? ""
                        : ", servers=" + TextForm.URLS.writer().apply(servers))
                + (preferDifferentServer ? "" : ", perhaps at the same server")
                + (hotInbox ? ", hot inbox" : "");
    }
}
