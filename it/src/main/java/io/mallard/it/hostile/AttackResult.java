package io.mallard.it.hostile;

import java.util.ArrayList;
import java.util.List;

/**
 * What one attack came to.
 *
 * <p>Threading: immutable.
 *
 * @param told what the listener heard of it, or the log; empty if nothing
 * @param lives whether the client has received its own message through a good server afterwards
 * @param heapBytes the most that was in use at a time, garbage apart, more than before
 * @param directBytes the same of direct memory
 */
record AttackResult(
        Attack attack,
        Outcome outcome,
        String told,
        boolean lives,
        long sentBytes,
        int connections,
        long heapBytes,
        long directBytes,
        long logLines) {
    /** The largest message that a client takes, and a connection's buffers: far less than any attack has sent. */
    static final long MAX_HEAP_BYTES = 48L << 20;

    static final long MAX_DIRECT_BYTES = 16L << 20;
    static final long MAX_LOG_LINES = 200;
    static final int MAX_CONNECTIONS = 40;

    /** Everything that is not as it should be. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (outcome != attack.expected) {
            faults.add("the connection " + outcome.words + " instead of: " + attack.expected.words + " (" + told + ")");
        }
        if (outcome == Outcome.ENDED && told.isBlank()) {
            faults.add("the listener was not told why");
        }
        if (!lives) {
            faults.add("the client does not work any more");
        }
        addIfMore(faults, "bytes of heap", heapBytes, MAX_HEAP_BYTES);
        addIfMore(faults, "bytes of direct memory", directBytes, MAX_DIRECT_BYTES);
        addIfMore(faults, "log lines", logLines, MAX_LOG_LINES);
        addIfMore(faults, "connections", connections, MAX_CONNECTIONS);
        return faults;
    }

    private static void addIfMore(List<String> faults, String what, long is, long bound) {
        if (is > bound) {
            faults.add(is + " " + what + ", must be <= " + bound);
        }
    }
}
