package io.mallard.internal.server;

import java.util.regex.Pattern;

/**
 * Where somebody listens, as it stands in a URL: an IPv6 host in brackets.
 *
 * <p>Threading: immutable.
 */
public record HostAndPort(String host, int port) {
    private static final int MAX_PORT = 65_535;
    /** Perhaps with a zone; whether it is a good one is found out when it is dialled. */
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[^\\[\\]]+)?");

    /**
     * Reads {@code host[:port]}.
     *
     * @throws IllegalArgumentException saying what is wrong with it, and not what it is
     */
    public static HostAndPort parse(String text, int defaultPort) {
        int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.lastIndexOf(':');
        if (hostEnd < 0) {
            hostEnd = text.length();
        }
        String host = text.substring(0, hostEnd);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
            if (!host.isEmpty() && !IPV6.matcher(host).matches()) {
                throw new IllegalArgumentException("no IPv6 address in the brackets");
            }
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets");
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '#' || c == '[' || c == ']')) {
            throw new IllegalArgumentException("no host name in it");
        }
        return new HostAndPort(host, hostEnd == text.length() ? defaultPort : port(text.substring(hostEnd)));
    }

    private static int port(String colonAndPort) {
        try {
            int port = colonAndPort.startsWith(":") ? Integer.parseInt(colonAndPort.substring(1)) : -1;
            if (port > 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, with the bounds.
        }
        throw new IllegalArgumentException("the port must be a number from 1 to " + MAX_PORT);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
