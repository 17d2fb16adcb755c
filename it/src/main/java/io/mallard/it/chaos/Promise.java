package io.mallard.it.chaos;

/**
 * What holds although a fault happened. Of what was sent outside the time of a fault everything is promised; and in it, whatever the
 * fault: no message is delivered twice, no message to the client comes behind a later one, no publish is refused, no request is
 * executed twice, and one that fails does so with a status and at its deadline at the latest.
 */
enum Promise {
    /** Nothing is lost, repeated or out of order, nothing fails, nothing is in doubt. */
    EXACT("exact", Loss.NONE, Loss.NONE, false),

    /**
     * The connection breaks. What was written to it and not covered by a PONG may be lost, and is told; what comes for the client
     * until its next server is known to have its subscriptions is lost, because there nobody wants it yet; a request may have lost
     * its reply.
     */
    BROKEN_CONNECTION("what is lost is in doubt", Loss.IN_DOUBT, Loss.IN_THE_GAP, true),

    /**
     * As a broken connection, and the other servers do not know it: for them the client is still where it was, beside where it is now.
     * To queue groups they send either way, until the silent server has woken up; what comes to it by then it loses or sends on.
     */
    SILENT_SERVER("what is lost is in doubt", Loss.IN_DOUBT, Loss.IN_THE_GAP, true),

    /**
     * The client's server is cut off from the others. It goes on serving, answers PINGs, and drops what nobody it sees wants: the
     * client cannot know, so nothing is in doubt, and nothing comes late.
     */
    CUT_OFF("a gap, nothing in doubt", Loss.IN_THE_GAP, Loss.IN_THE_GAP, true);

    /** What may be lost. */
    enum Loss {
        NONE,
        /**
         * As many as the client says are in doubt. So many may also arrive late, behind later ones: a server that was not dead may
         * pass them on after all, while the next one is already in use.
         */
        IN_DOUBT,
        /** What was sent from shortly before the fault until the client is back. */
        IN_THE_GAP
    }

    private final String text;
    private final Loss publishes;
    private final Loss messages;
    private final boolean requestsMayFail;

    /**
     * @param publishes which of the client's own publishes may be lost
     * @param messages which messages to the client may be lost
     * @param requestsMayFail in either direction
     */
    Promise(String text, Loss publishes, Loss messages, boolean requestsMayFail) {
        this.text = text;
        this.publishes = publishes;
        this.messages = messages;
        this.requestsMayFail = requestsMayFail;
    }

    /** What may be lost of a direction that is not one of requests. */
    Loss loss(Flow flow) {
        return flow == Flow.PUBLISHES ? publishes : messages;
    }

    boolean requestsMayFail() {
        return requestsMayFail;
    }

    /** Whether a queue group has a gap until the fault is over, and not only until the client is back. */
    boolean hasLongGap(Flow flow) {
        return this == SILENT_SERVER && (flow == Flow.QUEUE || flow == Flow.SERVED);
    }

    /** Whether publishes may be in doubt. */
    boolean allowsDoubt() {
        return publishes == Loss.IN_DOUBT;
    }

    @Override
    public String toString() {
        return text;
    }
}
