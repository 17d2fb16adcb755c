package io.mallard.it.settle;

/**
 * What a publisher waits for between its last message on one server and its first on the next.
 *
 * <p>Threading: immutable.
 *
 * @param awaitsPong whether for the PONG that proves that the first server has processed all of its messages
 * @param settleMs and for so long afterwards
 */
record CutoverRule(boolean awaitsPong, int settleMs) {
    static final CutoverRule NO_WAIT = new CutoverRule(false, 0);

    static CutoverRule pongAnd(int settleMs) {
        return new CutoverRule(true, settleMs);
    }

    String label() {
        if (!awaitsPong) {
            return "no wait";
        }
        return settleMs == 0 ? "PONG" : "PONG + " + settleMs + " ms";
    }
}
