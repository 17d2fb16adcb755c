package io.mallard.internal.server;

import java.util.Locale;

/** Host and port of one server: a configured URL or one of INFO's {@code connect_urls}. */
public record ServerAddress(String host, int port) {
    private static final int DEFAULT_PORT = 4222;
    private static final int MAX_PORT = 65_535;
    private static final String SCHEME = "nats://";
    private static final String TLS_SCHEME = "tls://";

    /**
     * Reads {@code [nats://][credentials@]host[:port]}, or the same with {@code tls://}; an IPv6 host stands in brackets.
     * {@link UserInfo} reads the credentials, which are no part of an address.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static ServerAddress parse(String url) {
        String scheme = wantsTls(url) ? TLS_SCHEME : begins(url, SCHEME) ? SCHEME : "";
        String rest = url.substring(scheme.length());
        if (rest.contains("://")) {
            throw bad(url, "only " + SCHEME + " and " + TLS_SCHEME + " URLs are supported");
        }
        rest = rest.substring(rest.lastIndexOf('@') + 1);
        rest = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        int hostEnd = rest.startsWith("[") ? rest.indexOf(']') + 1 : rest.lastIndexOf(':');
        if (hostEnd < 0) {
            hostEnd = rest.length();
        }
        String host = rest.substring(0, hostEnd);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw bad(url, "an IPv6 address stands in brackets");
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '[' || c == ']')) {
            throw bad(url, "no host name in it");
        }
        return new ServerAddress(host, hostEnd == rest.length() ? DEFAULT_PORT : port(url, rest.substring(hostEnd)));
    }

    /** Whether a URL says that connections are to be encrypted: a matter of all servers, and so not of its address. */
    public static boolean wantsTls(String url) {
        return begins(url, TLS_SCHEME);
    }

    private static boolean begins(String url, String scheme) {
        return url.toLowerCase(Locale.ROOT).startsWith(scheme);
    }

    private static int port(String url, String colonAndPort) {
        try {
            int port = colonAndPort.startsWith(":") ? Integer.parseInt(colonAndPort.substring(1)) : -1;
            if (port > 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, with the bounds.
        }
        throw bad(url, "the port must be a number from 1 to " + MAX_PORT);
    }

    private static IllegalArgumentException bad(String url, String why) {
        int at = url.lastIndexOf('@'); // What is before it is a secret.
        String shown = at < 0 ? url : "***" + url.substring(at);
        return new IllegalArgumentException("server URL \"" + shown + "\": " + why);
    }

    /** {@code host:port}, as it stands in {@code connect_urls}. */
    public String hostAndPort() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** The URL of this server. */
    @Override
    public String toString() {
        return SCHEME + hostAndPort();
    }
}
