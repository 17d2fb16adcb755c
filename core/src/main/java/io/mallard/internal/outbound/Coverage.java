package io.mallard.internal.outbound;

import io.mallard.HandoverOptions;
import java.util.concurrent.TimeUnit;

/**
 * Which publishes of one connection have arrived, as far as its server's PONGs tell, and when to ask again.
 *
 * <pre>
 *   publishes in the order of the wire
 *   |----- settled -----|----- answered -----|----- taken -----|
 *     arrived, even if    a PONG has come,     handed to the
 *     the server dies     but only just        socket
 * </pre>
 *
 * A PONG says that the server has processed a publish, not that it has passed it on, and a loss is noticed some time after
 * the server has died: measured up to 20 ms after a kill. So what a PONG answers for is settled when another PONG proves
 * that the server has lived on: its PING was sent a settle after the first PONG. PINGs of flushes may come closer together
 * than that: one PONG then waits until it is settled, of the others only the latest is remembered, and that one is next.
 *
 * <p>Threading: guarded by the lock of its {@link OutboundBuffer}.
 */
final class Coverage {
    /**
     * Two of these and a round trip is what a lost connection leaves in doubt, unless the round trip is so long that an
     * answer and the settle do not fit into one: 500 publishes where there are 5,000 a second, for 120 bytes a second.
     */
    static final long ASK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Measured for the order of publishes on two servers, which waits for the same thing. */
    static final long SETTLE_NS = HandoverOptions.DEFAULT_PUBLISH_SETTLE.toNanos();

    /** Later than anything else; safe to add to any time. */
    static final long FAR_NS = Long.MAX_VALUE / 2;

    /**
     * <pre>
     *   QUIET --publish--&gt; AWAITING_PONG --PONG--&gt; PAUSING --interval over, all settled--&gt; QUIET
     *                            ^----interval over, a publish or not all settled----'
     * </pre>
     */
    private enum Asking {
        QUIET,
        AWAITING_PONG,
        PAUSING
    }

    private Asking asking = Asking.QUIET;
    private long askAgainNs;

    private long taken;
    /** By the latest PONG that answered for something new. */
    private long answered;

    private long answeredNs;
    /** By the PONG that settles next: the same one, or one before. */
    private long settling;

    private long settlingNs;
    private long settled;

    /** That many more publishes are handed to the socket. */
    void onTaken(int publishes) {
        taken += publishes;
    }

    long taken() {
        return taken;
    }

    /** Publishes for which a PONG has come; after {@link #onLost} those that cannot have been lost. */
    long answered() {
        return answered;
    }

    /** Publishes that have arrived, even if the server dies. */
    long settled() {
        return settled;
    }

    /** Publishes handed to the socket for which no PONG has come. */
    long unanswered() {
        return taken - answered;
    }

    /** Whether a publish takes the covering PING along: there is one under way at a time, and one per interval. */
    boolean mayAsk(long nowNs) {
        return asking == Asking.QUIET || isPauseOver(nowNs);
    }

    private boolean isPauseOver(long nowNs) {
        return asking == Asking.PAUSING && askAgainNs - nowNs <= 0;
    }

    /** The covering PING is on its way. */
    void onAsked(long nowNs) {
        asking = Asking.AWAITING_PONG;
        askAgainNs = nowNs + ASK_INTERVAL_NS;
    }

    /** The PONG of the covering PING has come; {@link #onPong} tells what it says. */
    void onAnswered(long nowNs) {
        asking = Asking.PAUSING;
        long settledNs = nowNs + SETTLE_NS; // A PING before that would settle nothing.
        askAgainNs = askAgainNs - settledNs < 0 ? settledNs : askAgainNs;
    }

    /** Ends a pause that is over; whether to ask although no publish comes along: the end of a burst is to settle too. */
    boolean endPause(long nowNs) {
        if (isPauseOver(nowNs)) {
            asking = Asking.QUIET;
        }
        return asking == Asking.QUIET && settled < taken;
    }

    /** How long the pause lasts; far away when there is none. */
    long nsUntilPauseEnds(long nowNs) {
        return asking == Asking.PAUSING ? askAgainNs - nowNs : FAR_NS;
    }

    /**
     * A PONG has come, of whatever PING.
     *
     * @param publishesBefore publishes that were handed to the socket before the PING
     * @param askedNs when the PING was
     */
    void onPong(long publishesBefore, long askedNs, long nowNs) {
        while (settled < settling && askedNs - settlingNs >= SETTLE_NS) {
            settled = settling;
            settling = answered;
            settlingNs = answeredNs;
        }
        if (publishesBefore > answered) {
            answered = publishesBefore;
            answeredNs = nowNs;
            if (settled == settling) {
                settling = answered;
                settlingNs = answeredNs;
            }
        }
    }

    /** The connection broke: an answer that is not settled counts for nothing. */
    void onLost() {
        answered = settled;
    }
}
