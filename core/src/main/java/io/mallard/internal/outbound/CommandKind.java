package io.mallard.internal.outbound;

/** What an encoded command is, as far as it matters when its connection dies before the socket took it. */
enum CommandKind {
    PUBLISH,
    REQUEST,
    /** A user's SUB or UNSUB: sending it a second time changes nothing. */
    SUBSCRIPTION,
    /** A PING of a user's flush. */
    PING,
    /** A PING the connection sends for itself: means something on that connection only. */
    OWN_PING,
    /** CONNECT, PONG, the SUBs a connection begins and the UNSUBs it ends with: likewise. */
    OWN;

    boolean isPing() {
        return this == PING || this == OWN_PING;
    }

    /** Whether it moves to the next connection. */
    boolean isUsers() {
        return this != OWN_PING && this != OWN;
    }
}
