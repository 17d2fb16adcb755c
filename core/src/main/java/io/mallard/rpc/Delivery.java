package io.mallard.rpc;

/** What has become of a message to a user. */
public enum Delivery {
    /** A frontend has it, and has said so. */
    ANSWERED,
    /** It was sent, a frontend listens for the user, and has not said anything: those of Pitaya in Go never do. */
    SENT,
    /** Nobody listens: the user is not connected. */
    NOT_CONNECTED
}
