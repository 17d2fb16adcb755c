package io.mallard.internal.subscribe;

/**
 * How many messages one subscription still gets, if that is limited. A server counts for itself, from the SUB on, so each
 * connection is told a limit of its own: its count so far and the part of the rest it may use.
 *
 * <p>While two servers have the subscription, a plain one gets every message from both, and the old one's limit does. Of
 * a queue group each message comes through one of the two, and one too many would be missing elsewhere: the rest is
 * split between them, and what the old one leaves goes to the new one in the end.
 *
 * <p>Threading: owned by the event loop, except {@link #limitTo}, which any thread may call.
 */
final class Allowance {
    /** What a server is told when there is no limit. */
    static final long UNLIMITED = 0;

    private final boolean queue;
    /** Messages from the first one on; 0 for no limit. Written by any thread. */
    private volatile long max;

    private long received;
    /** What the server that has, or had first, the subscription has delivered of it. */
    private long receivedHere;
    /** The same of the server it moves to. */
    private long receivedThere;
    /** What the first one may deliver of a queue group, once the rest was split. */
    private long limitHere;

    private long limitThere;

    Allowance(boolean queue) {
        this.queue = queue;
    }

    void limitTo(long messages) {
        max = messages;
    }

    boolean isLimited() {
        return max != UNLIMITED;
    }

    boolean isUsedUp() {
        return isLimited() && received >= max;
    }

    /** A server has delivered a message, which may be a copy. */
    void onArrived(boolean there) {
        if (there) {
            receivedThere++;
        } else {
            receivedHere++;
        }
    }

    /** The subscriber gets a message. */
    void onDelivered() {
        received++;
    }

    private long rest() {
        return Math.max(0, max - received);
    }

    /** The limit for the one server that has the subscription; {@link #UNLIMITED} without one. */
    long limit() {
        return isLimited() ? receivedHere + rest() : UNLIMITED;
    }

    /** The subscription is about to be on two servers: the limit for the first one, if that changes. */
    long split() {
        if (!isLimited() || !queue) {
            return UNLIMITED;
        }
        limitHere = receivedHere + rest() - rest() / 2;
        return limitHere;
    }

    /** The subscription is now on a second server as well; may be called again for another one. */
    void onOverlap() {
        receivedThere = 0;
        limitThere = isLimited() && queue ? Math.max(0, rest() - Math.max(0, limitHere - receivedHere)) : UNLIMITED;
    }

    /** A limit was set while two servers have the subscription. */
    void splitInOverlap() {
        long limit = split();
        limitThere = limit == UNLIMITED ? UNLIMITED : Math.max(1, receivedThere + rest() / 2);
    }

    /** Whether the second server may deliver anything yet. */
    boolean isWantedThere() {
        return !isLimited() || !queue || limitThere > 0;
    }

    /** The limit for the second server; {@link #UNLIMITED} without one. */
    long limitThere() {
        return limitThere;
    }

    /** The second server is the only one now. Whether it has the subscription no more, having used up its part. */
    boolean onOverlapEnded() {
        boolean gone = isLimited() && queue && receivedThere >= limitThere;
        receivedHere = gone ? 0 : receivedThere;
        receivedThere = 0;
        limitHere = 0;
        return gone;
    }

    /** Another server is told of the subscription, and none had it in between. */
    void onMoved() {
        receivedHere = 0;
        receivedThere = 0;
    }
}
