package io.mallard.benchmarks.swap;

/** Where in a swap a request was meant to start. */
enum Phase {
    /** Every server is well. */
    BEFORE("before"),
    /** The first 50 ms after the signal to a server, in which the traffic moves. */
    AT_FIRST("its first 50 ms"),
    /** From there until the client has nothing left there. */
    DURING("the rest of it"),
    /** The client is on another server. */
    AFTER("after");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}
