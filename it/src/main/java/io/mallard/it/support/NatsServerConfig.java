package io.mallard.it.support;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one nats-server is told beyond its ports, which it gets from {@link LoopbackPorts}.
 *
 * <p>Threading: immutable.
 *
 * @param version the version wanted, as for {@link NatsServerBinary#find(String)}; null takes that of the system property
 * @param maxConnections of all clients of the server together
 * @param tls how clients' connections are encrypted; null for not at all
 * @param webSocket where clients connect over WebSockets; null for nowhere
 * @param place where the server runs
 * @param extra configuration text in the server's own language, put at the end of the file
 * @param keepDirectory whether the server's directory with configuration and log outlives it
 */
public record NatsServerConfig(
        String name,
        @Nullable String version,
        Authorization authorization,
        OptionalInt maxConnections,
        @Nullable Cluster cluster,
        @Nullable ServerTls tls,
        @Nullable WebSocket webSocket,
        Duration lameDuckDuration,
        Duration lameDuckGrace,
        Place place,
        String extra,
        boolean keepDirectory) {
    /** The shortest a server accepts; it bounds the time in which the clients are evicted one by one. */
    public static final Duration DEFAULT_LAME_DUCK_DURATION = Duration.ofSeconds(30);

    public static final Duration DEFAULT_LAME_DUCK_GRACE = Duration.ofSeconds(1);

    /**
     * A server's place in a cluster: where it listens for routes and which ports it dials for them.
     *
     * @param advertisedPort where its peers are told that it listens; empty if that is the truth
     */
    public record Cluster(String name, int port, List<Integer> peerPorts, OptionalInt advertisedPort) {
        public Cluster {
            peerPorts = List.copyOf(peerPorts);
        }
    }

    /**
     * A port of its own for clients that come over WebSockets.
     *
     * @param tls how these connections are encrypted; null for not at all
     */
    public record WebSocket(@Nullable ServerTls tls) {
        /** What a URL begins with. */
        String scheme() {
            return tls == null ? "ws" : "wss";
        }

        private String text(String address, int port) {
            return String.format(
                    Locale.ROOT,
                    "websocket { listen: \"%s:%d\", %s }\n",
                    address,
                    port,
                    tls == null ? "no_tls: true" : tls.block());
        }
    }

    /**
     * Where a server runs.
     *
     * @param address where it listens
     * @param command what goes in front of its own command to get it there
     */
    public record Place(String address, List<String> command) {
        static final Place LOOPBACK = new Place("127.0.0.1", List.of());

        public Place {
            command = List.copyOf(command);
        }
    }

    public NatsServerConfig {
        if (lameDuckDuration.compareTo(DEFAULT_LAME_DUCK_DURATION) < 0) {
            throw new IllegalArgumentException("lameDuckDuration=" + lameDuckDuration + ", a server wants >= 30 s");
        }
        // The server takes 0 for "unset", which is 10 s.
        if (lameDuckGrace.toMillis() < 1 || lameDuckGrace.compareTo(lameDuckDuration) >= 0) {
            throw new IllegalArgumentException(
                    "lameDuckGrace=" + lameDuckGrace + ", must be >= 1 ms and < lameDuckDuration=" + lameDuckDuration);
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.name = name;
        builder.version = version;
        builder.authorization = authorization;
        builder.maxConnections = maxConnections;
        builder.cluster = cluster;
        builder.tls = tls;
        builder.webSocket = webSocket;
        builder.lameDuckDuration = lameDuckDuration;
        builder.lameDuckGrace = lameDuckGrace;
        builder.place = place;
        builder.extra = extra;
        builder.keepDirectory = keepDirectory;
        return builder;
    }

    /** Whether the server says nothing before a client has begun TLS. */
    boolean isSilentAtFirst() {
        return tls != null && tls.first();
    }

    /** The configuration file; there is a port for WebSockets if there are any. */
    String text(int clientPort, int monitoringPort, OptionalInt webSocketPort) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                """
                server_name: "%s"
                listen: "%s:%d"
                http: "%s:%d"
                lame_duck_duration: "%dms"
                lame_duck_grace_period: "%dms"
                """,
                name,
                place.address(),
                clientPort,
                place.address(),
                monitoringPort,
                lameDuckDuration.toMillis(),
                lameDuckGrace.toMillis()));
        maxConnections.ifPresent(
                most -> text.append("max_connections: ").append(most).append('\n'));
        text.append(authorization.text());
        if (tls != null) {
            text.append(tls.text());
        }
        if (webSocket != null) {
            text.append(webSocket.text(place.address(), webSocketPort.orElseThrow()));
        }
        if (cluster != null) {
            List<String> routes = cluster.peerPorts().stream()
                    .map(port -> "\"nats://127.0.0.1:" + port + "\"")
                    .toList();
            String advertise = cluster.advertisedPort().isPresent()
                    ? ", advertise: \"127.0.0.1:" + cluster.advertisedPort().getAsInt() + "\""
                    : "";
            text.append(String.format(
                    Locale.ROOT,
                    "cluster { name: \"%s\", listen: \"127.0.0.1:%d\", routes: %s%s }\n",
                    cluster.name(),
                    cluster.port(),
                    routes,
                    advertise));
        }
        return text.append(extra).append('\n').toString();
    }

    /** Collects a configuration; what is not set has the default of the constant or is off. */
    public static final class Builder {
        private String name = "n1";
        private @Nullable String version;
        private Authorization authorization = new Authorization.Anyone();
        private OptionalInt maxConnections = OptionalInt.empty();
        private @Nullable Cluster cluster;
        private @Nullable ServerTls tls;
        private @Nullable WebSocket webSocket;
        private Duration lameDuckDuration = DEFAULT_LAME_DUCK_DURATION;
        private Duration lameDuckGrace = DEFAULT_LAME_DUCK_GRACE;
        private Place place = Place.LOOPBACK;
        private String extra = "";
        private boolean keepDirectory;

        private Builder() {}

        public Builder name(String serverName) {
            name = serverName;
            return this;
        }

        public Builder version(String wanted) {
            version = wanted;
            return this;
        }

        public Builder user(String user, String password) {
            authorization = new Authorization.UserPassword(user, password);
            return this;
        }

        public Builder token(String token) {
            authorization = new Authorization.Token(token);
            return this;
        }

        /** Users of one account. */
        public Builder users(Authorization.User... users) {
            authorization = new Authorization.Users(List.of(users));
            return this;
        }

        public Builder authorization(Authorization whoever) {
            authorization = whoever;
            return this;
        }

        public Builder accounts(Authorization.Account... accounts) {
            authorization = new Authorization.Accounts(List.of(accounts));
            return this;
        }

        public Builder maxConnections(int connections) {
            maxConnections = OptionalInt.of(connections);
            return this;
        }

        public Builder cluster(Cluster place) {
            cluster = place;
            return this;
        }

        public Builder tls(ServerTls encryption) {
            tls = encryption;
            return this;
        }

        /** Also takes clients over WebSockets that are not encrypted. */
        public Builder webSocket() {
            webSocket = new WebSocket(null);
            return this;
        }

        /** Also takes clients over WebSockets that are encrypted. */
        public Builder webSocket(ServerTls encryption) {
            webSocket = new WebSocket(encryption);
            return this;
        }

        public Builder lameDuckDuration(Duration duration) {
            lameDuckDuration = duration;
            return this;
        }

        public Builder lameDuckGrace(Duration grace) {
            lameDuckGrace = grace;
            return this;
        }

        public Builder place(Place where) {
            place = where;
            return this;
        }

        public Builder extra(String text) {
            extra = text;
            return this;
        }

        public Builder keepDirectory(boolean keep) {
            keepDirectory = keep;
            return this;
        }

        public NatsServerConfig build() {
            return new NatsServerConfig(
                    name,
                    version,
                    authorization,
                    maxConnections,
                    cluster,
                    tls,
                    webSocket,
                    lameDuckDuration,
                    lameDuckGrace,
                    place,
                    extra,
                    keepDirectory);
        }
    }
}
