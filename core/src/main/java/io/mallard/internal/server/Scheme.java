package io.mallard.internal.server;

import java.util.Locale;

/**
 * In which way the servers of a client are reached: all of them in one, because they tell of each other without saying it.
 *
 * <p>Threading: immutable.
 */
public enum Scheme {
    /** Over TCP; the server's INFO and the options say whether it is encrypted. */
    NATS("nats://", 4222),
    /** Over a WebSocket that is not encrypted. */
    WS("ws://", 80),
    /** Over a WebSocket in TLS. */
    WSS("wss://", 443);

    private final String prefix;
    private final int defaultPort;

    Scheme(String prefix, int defaultPort) {
        this.prefix = prefix;
        this.defaultPort = defaultPort;
    }

    public boolean isWebSocket() {
        return this != NATS;
    }

    /** Where a server listens whose URL does not say it. */
    int defaultPort() {
        return defaultPort;
    }

    boolean begins(String url) {
        return begins(url, prefix);
    }

    static boolean begins(String url, String prefix) {
        return url.toLowerCase(Locale.ROOT).startsWith(prefix);
    }

    /** As a URL begins with it. */
    @Override
    public String toString() {
        return prefix;
    }
}
