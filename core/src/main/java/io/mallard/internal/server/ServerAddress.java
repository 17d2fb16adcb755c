package io.mallard.internal.server;

/**
 * Where one server is, and how it is reached: a configured URL or one of INFO's {@code connect_urls}.
 *
 * <p>Threading: immutable.
 *
 * @param path what a web server is asked for, with a slash in front; empty for its root, and where there is no web server
 */
public record ServerAddress(Scheme scheme, String host, int port, String path) {
    private static final String TLS = "tls://";

    /** A server that is reached over TCP. */
    public ServerAddress(String host, int port) {
        this(Scheme.NATS, host, port, "");
    }

    /**
     * Reads {@code [nats://][credentials@]host[:port]}, or the same with {@code tls://}, {@code ws://} or {@code wss://},
     * the latter two perhaps with a path; an IPv6 host stands in brackets. {@link UserInfo} reads the credentials, which
     * are no part of an address.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static ServerAddress parse(String url) {
        return parse(url, Scheme.NATS);
    }

    /** As {@link #parse(String)}, of a URL that may have no scheme: the one to take for it. */
    static ServerAddress parse(String url, Scheme implied) {
        Scheme scheme = implied;
        String rest = url;
        for (Scheme each : Scheme.values()) {
            if (each.begins(url)) {
                scheme = each;
                rest = url.substring(each.toString().length());
            }
        }
        if (Scheme.begins(url, TLS)) {
            scheme = Scheme.NATS;
            rest = url.substring(TLS.length());
        }
        int pathBegin = pathBegin(scheme, rest);
        String path = rest.substring(pathBegin);
        rest = rest.substring(0, pathBegin);
        if (rest.contains("://")) {
            throw bad(url, "only nats://, tls://, ws:// and wss:// URLs are supported");
        }
        if (path.contains("@")) {
            throw bad(url, "an @ in a path is written %40, and a / in credentials %2F");
        }
        if (path.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '#')) {
            throw bad(url, "a path is written in ASCII, without spaces and #");
        }
        try {
            HostAndPort found = HostAndPort.parse(rest.substring(rest.lastIndexOf('@') + 1), scheme.defaultPort());
            return new ServerAddress(scheme, found.host(), found.port(), canonical(path));
        } catch (IllegalArgumentException e) {
            throw bad(url, String.valueOf(e.getMessage()));
        }
    }

    private static int pathBegin(Scheme scheme, String rest) {
        if (!scheme.isWebSocket()) {
            return rest.endsWith("/") ? rest.length() - 1 : rest.length();
        }
        int i = 0;
        while (i < rest.length() && rest.charAt(i) != '/' && rest.charAt(i) != '?') {
            i++;
        }
        return i;
    }

    private static String canonical(String path) {
        return path.equals("/") ? "" : path.startsWith("?") ? "/" + path : path;
    }

    /** Whether a URL says that connections are to be encrypted. */
    public static boolean wantsTls(String url) {
        return Scheme.begins(url, TLS) || Scheme.WSS.begins(url);
    }

    private static IllegalArgumentException bad(String url, String why) {
        int at = url.lastIndexOf('@'); // What is before it is a secret.
        String shown = at < 0 ? url : "***" + url.substring(at);
        return new IllegalArgumentException("server URL \"" + shown + "\": " + why);
    }

    /** {@code host:port}, as it stands in {@code connect_urls}. */
    public String hostAndPort() {
        return new HostAndPort(host, port).toString();
    }

    /** What a web server is told it was asked for: without a port that is implied, and without a zone of this machine. */
    public String authority() {
        String place = host.contains(":") ? "[" + host.replaceFirst("%.*", "") + "]" : host;
        return port == scheme.defaultPort() ? place : place + ":" + port;
    }

    /** The URL of this server. */
    @Override
    public String toString() {
        return scheme + hostAndPort() + path;
    }
}
