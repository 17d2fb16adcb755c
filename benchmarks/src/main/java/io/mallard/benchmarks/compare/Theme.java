package io.mallard.benchmarks.compare;

import java.util.List;

/**
 * What a comparison is about; each has a section of its own.
 *
 * <p>Threading: immutable.
 */
enum Theme {
    CLIENTS("Compared with other clients", "", """
            Each round measures every client once, one behind the other, on one server. A ratio is that of one round, never of two \
            medians; *raw* is bytes encoded beforehand, written in batches of 64 KiB and read without being parsed on bare blocking \
            sockets, and for a request a raw requester with a raw responder: the floor. The interval is that of the median, whatever \
            the distribution: 95 %, or the whole range while there are fewer than nine rounds (94 % with five). A goal holds, or not, \
            if the whole interval says so, and is open otherwise. Bytes and CPU are those of the process per message or request, \
            whatever it holds: the raw responder, too, and a client's own responder where there is one. What nats.c allocates is not \
            counted; it has no asynchronous request, so the program publishes with a reply subject."""),
    TLS("Compared with other clients over TLS", " TLS", """
            Each round measures every client once, one behind the other, on one server, which requires TLS. A ratio is that of one \
            round; the interval is that of the median, as above. A request is answered by the same client's own responder. There are \
            no goals, and no raw sockets. jnats does not verify host names unless told to; Mallard does, when it connects."""),
    AT_LEAST_ONCE("Publishing at least once", " at least once", """
            What `publishReliability(AT_LEAST_ONCE)` costs: each round measures publishing without it and with it, one behind the \
            other, on one server. A ratio is that of one round; the interval is that of the median, as above. There are no goals.""");

    private final String title;
    private final String sectionSuffix;
    private final String note;

    Theme(String title, String sectionSuffix, String note) {
        this.title = title;
        this.sectionSuffix = sectionSuffix;
        this.note = note;
    }

    String title() {
        return title;
    }

    /** Behind the section's name in the results file. */
    String sectionSuffix() {
        return sectionSuffix;
    }

    /** How the figures are to be read. */
    String note() {
        return note;
    }

    boolean hasGoals() {
        return this == CLIENTS;
    }

    List<Question> questions() {
        return switch (this) {
            case CLIENTS -> Questions.all();
            case TLS -> Questions.overTls();
            case AT_LEAST_ONCE -> Questions.atLeastOnce();
        };
    }
}
