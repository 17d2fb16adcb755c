package io.mallard;

/** Why traffic moves from one server to another. */
public enum HandoverReason {
    /** The server has said that it is about to leave. */
    LAME_DUCK,
    /** The connection is gone. */
    LOST,
    /** The program asked for it: {@link NatsClient#reconnect()}. */
    REQUESTED,
    /** The server will end the connection when the JWT it was made with expires, and there is another JWT. */
    CREDENTIALS_EXPIRING,
    /** The server has not answered for {@link HandoverOptions#suspectAfter()}, and the one that stands by has. */
    SUSPECT,
    /** A server has joined the cluster, and this client is one of those that go there: {@link HandoverOptions#rebalance()}. */
    REBALANCE
}
