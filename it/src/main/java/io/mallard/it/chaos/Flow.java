package io.mallard.it.chaos;

/** The directions of the load; what is known of a message in a history is known by the beginning of its path. */
enum Flow {
    /** The client publishes, the judge receives. */
    PUBLISHES("publishes"),
    /** The judge publishes, a plain subscription of the client receives. */
    PLAIN("plain"),
    /** The judge publishes, a queue subscription of the client receives. */
    QUEUE("queue"),
    /** The client asks, the judge answers. */
    REQUESTS("requests"),
    /** The judge asks, the client answers. */
    SERVED("served");

    private final String prefix;

    Flow(String prefix) {
        this.prefix = prefix;
    }

    /** What a publisher, or a requester, of this direction is called. */
    String name(int number) {
        return prefix + " " + number;
    }

    boolean hasRequests() {
        return this == REQUESTS || this == SERVED;
    }

    static Flow of(String path) {
        for (Flow flow : values()) {
            if (path.startsWith(flow.prefix + " ")) {
                return flow;
            }
        }
        throw new IllegalArgumentException("no flow has a path '" + path + "'");
    }
}
