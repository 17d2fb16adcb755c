package io.mallard.rpc;

/** What has become of a message to a user. */
public enum Delivery {
    /** A frontend has it, and has said so. */
    ANSWERED,
    /**
     * It was sent, and nobody has said anything: a frontend that listens for the user, as those of Pitaya in Go never answer. If the connection broke
     * meanwhile, nobody knows whether one does.
     */
    SENT,
    /** Nobody listens: the user is not connected. */
    NOT_CONNECTED
}
