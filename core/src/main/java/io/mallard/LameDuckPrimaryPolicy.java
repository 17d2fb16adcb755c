package io.mallard;

/** What becomes of requests and publishes while their server is in lame duck mode and no other connection is ready to take over. */
public enum LameDuckPrimaryPolicy {
    /** They go to the server as before: it works fully until it evicts its clients. */
    SERVE_UNTIL_SWAP,
    /**
     * They wait in the request buffer and the reconnect buffer until another connection takes over. Without hot swap none
     * will, and they go to the server as before.
     */
    BUFFER
}
