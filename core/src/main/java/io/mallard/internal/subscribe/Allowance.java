package io.mallard.internal.subscribe;

/**
 * How many messages one subscription still gets, if that is limited. The client counts what it delivers, and that is all a
 * plain subscription needs. Of a queue group a message too many would be missing elsewhere, so the server is told as
 * well; it counts for itself, from the SUB on, and each connection gets a limit of its own: its count so far and the part
 * of the rest it may use.
 *
 * <p>While two servers have the subscription, the rest is split between them, and what the old one leaves goes to the
 * new one in the end.
 *
 * <p>Threading: owned by the event loop, except {@link #limitTo}, which any thread may call.
 */
final class Allowance {
    /** What a server is told when there is no limit. */
    static final long UNLIMITED = 0;

    private final boolean queue;
    /** Messages from the first one on; {@link #UNLIMITED} for no limit. Written by any thread. */
    private volatile long max;

    private long received;
    /** What the server that has, or had first, the subscription has delivered of it. */
    private long receivedHere;
    /** The same of the server it moves to. */
    private long receivedThere;
    /** What the first one may deliver, once the rest was split. */
    private long limitHere;
    /** What the second one may deliver; {@link #UNLIMITED} if it was told no limit. */
    private long limitThere;

    private boolean subscribedThere;

    Allowance(boolean queue) {
        this.queue = queue;
    }

    void limitTo(long messages) {
        max = messages;
    }

    private boolean isLimited() {
        return max != UNLIMITED;
    }

    /** Whether servers must know the limit. */
    boolean isServersBusiness() {
        return queue && isLimited();
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

    /** The limit for the one server that has the subscription. */
    long limit() {
        return isServersBusiness() ? receivedHere + rest() : UNLIMITED;
    }

    /** The subscription is about to be on two servers: the limit for the first one. */
    long split() {
        if (!isServersBusiness()) {
            return UNLIMITED;
        }
        limitHere = receivedHere + rest() - rest() / 2;
        return limitHere;
    }

    /** The subscription may now be on a second server as well, or on another one than that; false if it must not yet. */
    boolean onOverlap() {
        receivedThere = 0;
        limitThere = isServersBusiness() ? rest() - Math.max(0, limitHere - receivedHere) : UNLIMITED;
        subscribedThere = !isServersBusiness() || limitThere > 0;
        return subscribedThere;
    }

    /** A limit was set while two servers have the subscription. */
    void splitInOverlap() {
        split();
        limitThere = isServersBusiness() ? Math.max(1, receivedThere + rest() / 2) : UNLIMITED;
    }

    /** The limit for the second server. */
    long limitThere() {
        return limitThere;
    }

    /** The second server is the only one now. Whether it does not have the subscription, or has it no more. */
    boolean onOverlapEnded() {
        boolean usedUp = limitThere != UNLIMITED && receivedThere >= limitThere;
        boolean gone = !subscribedThere || usedUp;
        receivedHere = gone ? 0 : receivedThere;
        receivedThere = 0;
        limitHere = 0;
        limitThere = UNLIMITED;
        return gone;
    }

    /** Another server is told of the subscription, and none had it in between. */
    void onMoved() {
        receivedHere = 0;
        receivedThere = 0;
    }
}
