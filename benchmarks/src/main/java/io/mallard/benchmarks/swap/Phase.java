package io.mallard.benchmarks.swap;

/** Where in a swap a request was meant to start. */
enum Phase {
    /** Every server is well. */
    BEFORE("before"),
    /** From the signal to a server until the client has nothing left there. */
    DURING("during"),
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
