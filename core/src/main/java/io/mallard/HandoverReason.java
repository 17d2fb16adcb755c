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
    CREDENTIALS_EXPIRING
}
