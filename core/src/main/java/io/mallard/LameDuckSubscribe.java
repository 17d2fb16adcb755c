package io.mallard;

/** What {@code subscribe} does while the client's server is in lame duck mode. */
public enum LameDuckSubscribe {
    /** It subscribes on the connection that takes over, or has. */
    HOT_SWAP,
    /** It fails with {@link NatsStatus#ILLEGAL_STATE}; subscriptions made before are kept. */
    REJECT
}
