package io.mallard.internal.subscribe;

/**
 * How many messages one subscription still gets, if that is limited. The client counts what it delivers, and that decides.
 * The server is told as well, so that it sends no more: it counts for itself, from the SUB on, and each connection gets a
 * limit of its own, its count so far and the part of the rest it may use.
 *
 * <p>Of a queue group a message too many would be missing elsewhere. So while two servers have the subscription, the rest
 * is split between them, and what the old one leaves goes to the new one in the end. Of a plain subscription both send the
 * same, and copies are dropped: the new one is told no limit before there are none any more.
 *
 * <p>Threading: owned by the event loop, except {@link #limitTo} and {@link #isLimited}, which any thread may call.
 */
final class Allowance {
    /** What a server is told when there is no limit. */
    static final long UNLIMITED = 0;

    private final boolean queue;
    private final boolean told;
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

    /** {@code told}: servers are told of the limit of a plain subscription, too. */
    Allowance(boolean queue, boolean told) {
        this.queue = queue;
        this.told = told || queue;
    }

    void limitTo(long messages) {
        max = messages;
    }

    /** Whether it is at all. From any thread. */
    boolean isLimited() {
        return max != UNLIMITED;
    }

    /** Whether servers must know the limit. */
    boolean isServersBusiness() {
        return told && isLimited();
    }

    /** Whether two servers must share what is left. */
    boolean isShared() {
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
        if (!isShared()) {
            return UNLIMITED;
        }
        limitHere = receivedHere + rest() - rest() / 2;
        return limitHere;
    }

    /** The subscription may now be on a second server as well, or on another one than that; false if it must not yet. */
    boolean onOverlap() {
        receivedThere = 0;
        limitThere = isShared() ? rest() - Math.max(0, limitHere - receivedHere) : UNLIMITED;
        subscribedThere = !isShared() || limitThere > 0;
        return subscribedThere;
    }

    /** A limit was set while two servers have the subscription. */
    void splitInOverlap() {
        split();
        limitThere = isShared() ? Math.max(1, receivedThere + rest() / 2) : UNLIMITED;
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
