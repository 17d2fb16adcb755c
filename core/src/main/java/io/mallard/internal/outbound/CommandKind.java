package io.mallard.internal.outbound;

/** What an encoded command is, as far as it matters when its connection dies before the socket took it. */
enum CommandKind {
    PUBLISH,
    REQUEST,
    /** A PING of a user's flush. */
    PING,
    /** A PING the connection sends for itself: means something on that connection only. */
    OWN_PING,
    /**
     * CONNECT, PONG, SUB and UNSUB: likewise. Whoever makes the next connection tells it of the subscriptions there
     * are, which an earlier SUB or UNSUB arriving late would contradict.
     */
    OWN;

    boolean isPing() {
        return this == PING || this == OWN_PING;
    }

    /** Whether it moves to the next connection. */
    boolean isUsers() {
        return this != OWN_PING && this != OWN;
    }
}
