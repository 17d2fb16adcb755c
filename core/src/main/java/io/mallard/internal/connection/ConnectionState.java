package io.mallard.internal.connection;

/**
 * Where a connection is in its life; it only ever moves down this list. Where TLS comes first, SECURING is before
 * OPENING_WEBSOCKET and AWAITING_INFO.
 */
public enum ConnectionState {
    /** The TCP connection is being made. */
    CONNECTING("the TCP connection"),
    /** Connected to a proxy, which connects to the server. */
    OPENING_TUNNEL("its answer"),
    /** Connected, perhaps over TLS; a web server is asked for a WebSocket. */
    OPENING_WEBSOCKET("its answer to the request for a WebSocket"),
    /** Connected; the server speaks first. */
    AWAITING_INFO("its INFO"),
    /** From the decision for TLS to the end of its handshake: nothing is sent or taken in the clear. */
    SECURING("the TLS handshake"),
    /** INFO has come; the client is finding out what to say of itself. */
    AWAITING_CREDENTIALS("the credentials of this client"),
    /** CONNECT and PING are sent; the PONG says that the server has accepted them. */
    AWAITING_PONG("the PONG to CONNECT and PING"),
    /** Validated: carries traffic or stands by. */
    READY("nothing"),
    CLOSED("nothing");

    private final String awaited;

    ConnectionState(String awaited) {
        this.awaited = awaited;
    }

    /** Whether it is the server that is at the other end. */
    boolean isReached() {
        return compareTo(OPENING_TUNNEL) > 0;
    }

    /** What a connection in this state waits for, for the message that says it never came. */
    String awaited() {
        return awaited;
    }
}
