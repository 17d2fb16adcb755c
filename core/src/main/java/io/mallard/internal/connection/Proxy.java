package io.mallard.internal.connection;

import io.mallard.NatsException;
import io.mallard.internal.server.HostAndPort;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.UserInfo;
import io.mallard.protocol.net.HttpConnectOpening;
import io.mallard.protocol.net.Opening;
import io.mallard.protocol.net.Socks5Opening;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who connects to servers on behalf of the client.
 *
 * <p>Threading: immutable.
 */
public final class Proxy {
    private enum Kind {
        HTTP("http://", 80),
        SOCKS5("socks5://", 1080);

        final String prefix;
        final int defaultPort;

        Kind(String prefix, int defaultPort) {
            this.prefix = prefix;
            this.defaultPort = defaultPort;
        }
    }

    private final Kind kind;
    private final HostAndPort place;
    private final @Nullable String user;
    private final @Nullable String password;

    private Proxy(Kind kind, HostAndPort place, @Nullable UserInfo credentials) {
        this.kind = kind;
        this.place = place;
        this.user = credentials == null ? null : credentials.name();
        this.password = credentials == null ? null : credentials.password();
    }

    /**
     * Reads {@code http://[user[:password]@]host[:port]}, or the same with {@code socks5://}.
     *
     * @throws IllegalArgumentException saying what is wrong with it, and not what it is
     */
    public static Proxy parse(String url) {
        for (Kind each : Kind.values()) {
            if (url.toLowerCase(Locale.ROOT).startsWith(each.prefix)) {
                String rest = url.substring(Math.max(each.prefix.length(), url.lastIndexOf('@') + 1));
                HostAndPort place = HostAndPort.parse(
                        rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest, each.defaultPort);
                Proxy proxy = new Proxy(each, place, UserInfo.of(url));
                Opening unused = proxy.tunnelTo(new ServerAddress("a", 1)); // Refuses what cannot be said.
                return proxy;
            }
        }
        throw new IllegalArgumentException("only http:// and socks5:// URLs are supported");
    }

    HostAndPort place() {
        return place;
    }

    /** What to say to it so that it connects to this server, whose name it looks up. */
    Opening tunnelTo(ServerAddress server) {
        return switch (kind) {
            case HTTP -> new HttpConnectOpening(server.hostAndPort(), user, password);
            case SOCKS5 -> new Socks5Opening(server.host(), server.port(), user, password);
        };
    }

    /** What went wrong before the server was reached is the proxy's. */
    Throwable blamed(Throwable cause) {
        String message = this + ": " + (cause.getMessage() == null ? cause : cause.getMessage());
        return cause instanceof NatsException nats
                ? new NatsException(nats.status(), message, cause)
                : new IOException(message, cause);
    }

    /** Says where it is, and no secret. */
    @Override
    public String toString() {
        return "proxy " + place;
    }
}
