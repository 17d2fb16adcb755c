package io.mallard;

/** How exact plain subscriptions are while they are held on two servers. */
public enum HandoverMode {
    /** The two streams are made one: each message once, in order, at the price of a copy held for a moment. */
    EXACT,
    /** Both streams are delivered as they come: most messages of the overlap twice. */
    AT_LEAST_ONCE
}
