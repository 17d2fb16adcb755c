package io.mallard;

import io.mallard.internal.auth.Nkey;
import io.mallard.internal.connection.Proxy;
import io.mallard.internal.server.Scheme;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.UserInfo;
import io.mallard.protocol.wire.Subjects;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Everything a client can be told before it starts. Bad values are refused when they are set together, naming the
 * value and its bound. Properties and environment variables are read where the program says so, and nowhere else.
 *
 * <p>Threading: immutable; a {@link Builder} belongs to one thread.
 */
public final class NatsOptions {
    /** Where a server listens unless told otherwise. */
    public static final String DEFAULT_SERVER = "nats://localhost:4222";

    /** What a client logs under unless told otherwise. */
    public static final String DEFAULT_LOGGER_NAME = "io.mallard.NatsClient";

    /** As every official client has it, and the permissions of most servers allow. */
    public static final String DEFAULT_INBOX_PREFIX = "_INBOX";

    /** So that there is room for the rest of a reply subject and for the subject asked, in a line of 4 KiB. */
    private static final int MAX_INBOX_PREFIX_BYTES = 256;

    /** A year. So that instants and sums of durations can be counted in nanoseconds, which last for 292 years. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final List<String> servers;
    private final @Nullable String proxy;
    private final boolean randomize;
    private final boolean ignoreDiscoveredServers;
    private final long seed;
    private final String name;
    private final String loggerName;
    private final String inboxPrefix;
    private final AuthOptions auth;
    private final ConnectionOptions connection;
    private final TlsOptions tls;
    private final ReconnectOptions reconnect;
    private final HotSwapOptions hotSwap;
    private final HandoverOptions handover;
    private final LameDuckOptions lameDuck;
    private final RequestBufferOptions requestBuffer;
    private final PendingOptions pending;
    private final ClientListener listener;
    private final @Nullable Executor executor;

    private NatsOptions(Builder builder) {
        servers = requireServers(builder.servers);
        proxy = requireProxy(builder.proxy);
        randomize = builder.randomize;
        ignoreDiscoveredServers = builder.ignoreDiscoveredServers;
        seed = builder.seed;
        name = Objects.requireNonNull(builder.name, "name");
        loggerName = Objects.requireNonNull(builder.loggerName, "loggerName");
        inboxPrefix = requireSubject("inboxPrefix", builder.inboxPrefix, MAX_INBOX_PREFIX_BYTES);
        auth = new AuthOptions(
                builder.user,
                builder.password,
                builder.token,
                builder.nkeySeed,
                builder.nkeyFile,
                builder.jwt,
                builder.credentialsFile,
                builder.authHandler,
                builder.renewCredentialsBefore);
        if (auth.nkeySeed() instanceof FixedSeed fixed) {
            refuseWhatIsNoSeed(fixed.get());
        }
        connection = new ConnectionOptions(
                builder.connectTimeout,
                builder.pingInterval,
                builder.maxPingsOut,
                builder.outboundBufferBytes,
                builder.publishReliability,
                builder.maxRetainedBytes,
                builder.publishTimeout,
                builder.writeTimeout,
                builder.flushTimeout,
                builder.echo);
        tls = new TlsOptions(
                tlsMode(builder),
                builder.tlsFirst,
                builder.tlsAcceptAnyHostName,
                builder.tlsContext,
                builder.tlsTrustStore,
                builder.tlsTrustStorePassword,
                builder.tlsKeyStore,
                builder.tlsKeyStorePassword);
        reconnect = new ReconnectOptions(
                builder.reconnectBufferSize,
                builder.reconnectFirstDelay,
                builder.reconnectMaxDelay,
                builder.reconnectJitter,
                builder.reconnectDelay,
                builder.maxReconnectAttempts,
                builder.retryOnInitialConnect);
        builder.hotSwapServers.forEach(url -> refuseWhatIsNoServer("hotSwapServers", url));
        ServerAddress first = ServerAddress.parse(servers.get(0));
        requireOneWay("servers", first, servers);
        requireOneWay("hotSwapServers", first, builder.hotSwapServers);
        refuseWebSocketInTheClear(first, tls);
        hotSwap = new HotSwapOptions(
                builder.hotSwapEnabled,
                builder.standbys,
                builder.hotSwapServers,
                builder.hotSwapPreferDifferentServer,
                builder.hotSwapTimeout,
                builder.standbyRefillJitter,
                builder.standbyCheckInterval,
                builder.hotSwapBreakerFailures,
                builder.hotSwapBreakerPause,
                builder.hotInbox);
        handover = new HandoverOptions(
                builder.handoverJitter,
                builder.overlap,
                builder.drainTimeout,
                builder.orderedHandover,
                builder.publishSettle,
                builder.handoverMode,
                builder.handoverMaxHeldBytes,
                builder.suspectAfter,
                builder.rebalance);
        lameDuck = new LameDuckOptions(builder.lameDuckPrimaryPolicy, builder.lameDuckSubscribe);
        requestBuffer = new RequestBufferOptions(
                builder.requestBufferSize, builder.requestBufferMaxBytes, builder.requestBufferTimeout);
        pending = new PendingOptions(builder.maxPendingMessages, builder.maxPendingBytes, builder.pendingPolicy);
        listener = Objects.requireNonNull(builder.listener, "listener");
        executor = builder.executor;
    }

    private static String requireSubject(String name, String value, int maxBytes) {
        int bytes;
        try {
            bytes = Subjects.checkPublish(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
        if (bytes > maxBytes) {
            throw new IllegalArgumentException(name + " has " + bytes + " bytes, must be <= " + maxBytes);
        }
        return value;
    }

    /** One URL decides for all servers: those that are discovered have none. */
    private static TlsMode tlsMode(Builder builder) {
        boolean secure = Stream.concat(builder.servers.stream(), builder.hotSwapServers.stream())
                .anyMatch(ServerAddress::wantsTls);
        if (secure && builder.tls == TlsMode.OFF) {
            throw new IllegalArgumentException("tls=OFF, but the URL of a server begins with tls:// or wss://");
        }
        return secure ? TlsMode.REQUIRED : builder.tls;
    }

    private static List<String> requireServers(List<String> urls) {
        if (urls.isEmpty()) {
            throw noAddress("servers");
        }
        urls.forEach(url -> refuseWhatIsNoServer("servers", url));
        return urls;
    }

    /** Refuses servers that this client cannot have. */
    List<String> requireReachable(List<String> urls) {
        requireOneWay("servers", ServerAddress.parse(servers.get(0)), requireServers(urls));
        return urls;
    }

    /** Refuses a server that this client cannot have. */
    void requireReachable(String what, ServerAddress other) {
        requireOneWay(what, ServerAddress.parse(servers.get(0)), List.of(other.toString()));
    }

    private static void requireOneWay(String option, ServerAddress first, List<String> urls) {
        for (String url : urls) {
            ServerAddress other = ServerAddress.parse(url);
            if (other.scheme() != first.scheme()) {
                throw new IllegalArgumentException(option + ": " + other + " beside " + first
                        + "; all servers of a client are reached in one way: nats:// and tls://, or ws://, or wss://");
            }
        }
    }

    private static void refuseWebSocketInTheClear(ServerAddress first, TlsOptions tls) {
        if (first.scheme() == Scheme.WS && tls.isRequired()) {
            throw new IllegalArgumentException("TLS is required (" + tls + "), but " + first
                    + " is a WebSocket without it; its URL begins with wss:// if the server has TLS");
        }
    }

    /** What the servers given and those to prefer for standbys are. */
    List<ServerAddress> addresses(List<String> configured) {
        return Stream.concat(configured.stream(), hotSwap.servers().stream())
                .map(ServerAddress::parse)
                .toList();
    }

    /** URLs that stand alone or with commas between them. */
    static List<String> split(String... urls) {
        return Arrays.stream(urls)
                .flatMap(url -> Arrays.stream(url.split(",", -1)))
                .map(String::strip)
                .toList();
    }

    private static void refuseWhatIsNoServer(String option, String url) {
        if (url.isEmpty()) {
            throw noAddress(option);
        }
        try {
            ServerAddress.parse(url);
            UserInfo.of(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable String requireProxy(@Nullable String url) {
        try {
            if (url != null) {
                Proxy unused = Proxy.parse(url);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("proxy: " + e.getMessage(), e);
        }
        return url;
    }

    private static void refuseWhatIsNoSeed(char[] seed) {
        try {
            Arrays.fill(Nkey.decodeUserSeed(seed), (byte) 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("nkeySeed: " + e.getMessage(), e);
        } finally {
            Arrays.fill(seed, '\0');
        }
    }

    private static IllegalArgumentException noAddress(String option) {
        return new IllegalArgumentException(option + ": NATS address should not be empty");
    }

    /**
     * A builder with every default.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder for production: {@code requestBufferSize} 5000, {@code requestBufferTimeout} 60 s,
     * {@code reconnectBufferSize} 64 MiB, {@code hotSwapTimeout} 2 s.
     *
     * @return a new builder
     */
    public static Builder production() {
        return builder()
                .hotSwapEnabled(true)
                .requestBufferSize(5000)
                .requestBufferTimeout(Duration.ofSeconds(60))
                .reconnectBufferSize(64 << 20)
                .hotSwapTimeout(Duration.ofSeconds(2));
    }

    /**
     * A builder for development: {@code requestBufferSize} 100, {@code requestBufferTimeout} 10 s,
     * {@code reconnectBufferSize} 8 MiB, {@code hotSwapTimeout} 5 s.
     *
     * @return a new builder
     */
    public static Builder development() {
        return builder()
                .hotSwapEnabled(true)
                .requestBufferSize(100)
                .requestBufferTimeout(Duration.ofSeconds(10))
                .reconnectBufferSize(8 << 20)
                .hotSwapTimeout(Duration.ofSeconds(5));
    }

    /**
     * A builder with what the C++ client of Pitaya has for its connection: {@code connectTimeout} 2 s (there
     * {@code connectionTimeout}), {@code pingInterval} 1 s, {@code maxPingsOut} 2, {@code maxReconnectAttempts} 30 (there
     * {@code maxReconnectionAttempts}).
     *
     * <p>Its {@code reconnectWait} of 100 ms and {@code reconnectJitter} of 50 ms are waits from 100 to 150 ms: here
     * {@code reconnectFirstDelay} and {@code reconnectMaxDelay} of 150 ms, a third of it random ({@code reconnectJitter}).
     *
     * <p>Its {@code requestTimeout}, {@code serverShutdownDeadline} and {@code serverMaxNumberOfRpcs} belong to the RPC layer:
     * {@link io.mallard.rpc.RpcClientOptions}, {@link io.mallard.rpc.RpcServerOptions}.
     *
     * @return a new builder
     */
    public static Builder pitaya() {
        return builder()
                .connectTimeout(Duration.ofSeconds(2))
                .pingInterval(Duration.ofSeconds(1))
                .maxPingsOut(2)
                .maxReconnectAttempts(30)
                .reconnectFirstDelay(Duration.ofMillis(150))
                .reconnectMaxDelay(Duration.ofMillis(150))
                .reconnectJitter(1.0 / 3);
    }

    /**
     * A builder with what properties say, and the default for what they do not: {@code mallard.} and the name of a method
     * of the builder, {@code mallard.hotSwapTimeout=2s}. Other properties are not looked at.
     *
     * <p>Durations are numbers of milliseconds, or have a unit ({@code 250ms}, {@code 2s}, {@code 1m}, {@code 1h}), or are
     * written as {@code PT0.25S}. Sizes are numbers of bytes, or have a unit ({@code 64KiB}, {@code 8MiB}, {@code 1GiB}).
     * Servers are separated by commas. {@code natsAddr} and {@code reconnectBufSize}, as the C++ client called them, are
     * {@code servers} and {@code reconnectBufferSize}.
     *
     * @param properties which
     * @return a new builder
     * @throws IllegalArgumentException when there is no option of that name, or its value cannot be read, naming both and
     *     what is allowed
     */
    public static Builder fromProperties(Properties properties) {
        Map<String, String> texts = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
        properties.forEach((key, value) -> texts.put(key.toString(), value.toString())); // Numbers and flags, too.
        return TextOption.read("mallard.", name -> name, texts);
    }

    /**
     * A builder with what environment variables say, and the default for what they do not: {@code MALLARD_} and the name
     * of a method of the builder, {@code MALLARD_HOT_SWAP_TIMEOUT=2s}. Values are written as in
     * {@link #fromProperties}; other variables are not looked at.
     *
     * @param environment usually {@code System.getenv()}
     * @return a new builder
     * @throws IllegalArgumentException when there is no option of that name, or its value cannot be read, naming both and
     *     what is allowed
     */
    public static Builder fromEnvironment(Map<String, String> environment) {
        return TextOption.read(
                "MALLARD_", name -> name.replaceAll("(?=[A-Z])", "_").toUpperCase(Locale.ROOT), environment);
    }

    /**
     * A builder with these options, to change some of them.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = builder().listener(listener);
        builder.executor = executor;
        builder.tlsContext = tls.context();
        builder.authHandler = auth.handler();
        builder.reconnectDelay = reconnect.delay();
        TextOption.ALL.forEach(option -> option.copy(this, builder));
        return builder;
    }

    /**
     * The servers to start from.
     *
     * @return URLs, at least one
     */
    public List<String> servers() {
        return servers;
    }

    /**
     * Through whom they are connected to.
     *
     * @return the URL, with the credentials that are in it; empty when they are connected to directly
     */
    public Optional<String> proxy() {
        return Optional.ofNullable(proxy);
    }

    /**
     * Whether servers are tried in random order.
     *
     * @return false when they are tried in the order given
     */
    public boolean randomize() {
        return randomize;
    }

    /**
     * Whether only configured servers are used.
     *
     * @return false when those that the cluster tells of are, too
     */
    public boolean ignoreDiscoveredServers() {
        return ignoreDiscoveredServers;
    }

    /**
     * The seed of every random choice: order of servers, jitter, backoff.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * The name the server shows in its monitoring.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The name of the logger.
     *
     * @return the name
     */
    public String loggerName() {
        return loggerName;
    }

    /**
     * What the subjects of replies begin with.
     *
     * @return the first tokens, without the dot behind them
     */
    public String inboxPrefix() {
        return inboxPrefix;
    }

    /**
     * The credentials.
     *
     * @return the credentials, {@link AuthOptions#NONE} when there are none
     */
    public AuthOptions auth() {
        return auth;
    }

    /**
     * How one connection is made, watched and filled.
     *
     * @return the options
     */
    public ConnectionOptions connection() {
        return connection;
    }

    /**
     * Whether connections are encrypted, and whom the client trusts.
     *
     * @return the options
     */
    public TlsOptions tls() {
        return tls;
    }

    /**
     * What happens between two connections.
     *
     * @return the options
     */
    public ReconnectOptions reconnect() {
        return reconnect;
    }

    /**
     * The connections held ready to take over.
     *
     * @return the options
     */
    public HotSwapOptions hotSwap() {
        return hotSwap;
    }

    /**
     * How a server is left for the next one.
     *
     * @return the options
     */
    public HandoverOptions handover() {
        return handover;
    }

    /**
     * What the client may do while its server is in lame duck mode.
     *
     * @return the options
     */
    public LameDuckOptions lameDuck() {
        return lameDuck;
    }

    /**
     * Where requests wait while no connection can send them.
     *
     * @return the options
     */
    public RequestBufferOptions requestBuffer() {
        return requestBuffer;
    }

    /**
     * What may wait for the handler of a subscription that is told nothing else.
     *
     * @return the options
     */
    public PendingOptions pending() {
        return pending;
    }

    /**
     * Who is told what happens.
     *
     * @return the listener
     */
    public ClientListener listener() {
        return listener;
    }

    /**
     * Where handlers, listeners and asynchronous results run.
     *
     * @return the executor, or empty for one of the client's own with daemon threads
     */
    public Optional<Executor> executor() {
        return Optional.ofNullable(executor);
    }

    /** Says every option; secrets are masked. */
    @Override
    public String toString() {
        return "NatsOptions" + TextOption.say(this);
    }

    static void requirePositive(String option, Duration value) {
        requireNotNegative(option, value);
        if (value.isZero()) {
            throw new IllegalArgumentException(option + "=" + value + ", must be > 0");
        }
    }

    static void requireNotNegative(String option, Duration value) {
        if (Objects.requireNonNull(value, option).isNegative()) {
            throw new IllegalArgumentException(option + "=" + value + ", must be >= 0");
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(option + "=" + value + ", must be <= " + LONGEST);
        }
    }

    static void requireAtLeast(String option, long value, long bound) {
        if (value < bound) {
            throw new IllegalArgumentException(option + "=" + value + ", must be >= " + bound);
        }
    }

    static void requireAtMost(String option, long value, long bound) {
        if (value > bound) {
            throw new IllegalArgumentException(option + "=" + value + ", must be <= " + bound);
        }
    }

    /**
     * Collects options; {@link #build()} checks them.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private List<String> servers = List.of(DEFAULT_SERVER);

        @Nullable
        String proxy;

        private boolean randomize = true;
        private boolean ignoreDiscoveredServers;
        private long seed = System.nanoTime();
        private String name = "mallard";
        private String loggerName = DEFAULT_LOGGER_NAME;
        private String inboxPrefix = DEFAULT_INBOX_PREFIX;

        @Nullable
        String user;

        @Nullable
        Supplier<String> password;

        private @Nullable Supplier<String> token;
        private @Nullable Supplier<char[]> nkeySeed;
        private @Nullable Path nkeyFile;
        private @Nullable Supplier<String> jwt;
        private @Nullable Path credentialsFile;
        private @Nullable AuthHandler authHandler;
        private Duration renewCredentialsBefore = AuthOptions.DEFAULT_RENEW_BEFORE;
        private Duration connectTimeout = ConnectionOptions.DEFAULT_CONNECT_TIMEOUT;
        private Duration pingInterval = ConnectionOptions.DEFAULT_PING_INTERVAL;
        private int maxPingsOut = ConnectionOptions.DEFAULT_MAX_PINGS_OUT;
        private int outboundBufferBytes = ConnectionOptions.DEFAULT_OUTBOUND_BUFFER_BYTES;
        private PublishReliability publishReliability = ConnectionOptions.DEFAULT_PUBLISH_RELIABILITY;
        private int maxRetainedBytes = ConnectionOptions.DEFAULT_MAX_RETAINED_BYTES;
        private Duration publishTimeout = ConnectionOptions.DEFAULT_PUBLISH_TIMEOUT;
        private Duration writeTimeout = ConnectionOptions.DEFAULT_WRITE_TIMEOUT;
        private Duration flushTimeout = ConnectionOptions.DEFAULT_FLUSH_TIMEOUT;
        private boolean echo = true;
        private TlsMode tls = TlsMode.AUTOMATIC;
        private boolean tlsFirst;
        private boolean tlsAcceptAnyHostName;
        private @Nullable Supplier<SSLContext> tlsContext;

        @Nullable
        Path tlsTrustStore;

        @Nullable
        String tlsTrustStorePassword;

        @Nullable
        Path tlsKeyStore;

        @Nullable
        String tlsKeyStorePassword;

        private int reconnectBufferSize = ReconnectOptions.DEFAULT_BUFFER_BYTES;
        private Duration reconnectFirstDelay = ReconnectOptions.DEFAULT_FIRST_DELAY;
        private Duration reconnectMaxDelay = ReconnectOptions.DEFAULT_MAX_DELAY;
        private double reconnectJitter = ReconnectOptions.DEFAULT_JITTER;
        private @Nullable ReconnectDelay reconnectDelay;
        private int maxReconnectAttempts = ReconnectOptions.FOREVER;
        private boolean retryOnInitialConnect;
        private boolean hotSwapEnabled = true;
        private int standbys = HotSwapOptions.DEFAULT_STANDBYS;
        private List<String> hotSwapServers = List.of();
        private boolean hotSwapPreferDifferentServer = true;
        private Duration hotSwapTimeout = HotSwapOptions.DEFAULT_TIMEOUT;
        private Duration standbyRefillJitter = HotSwapOptions.DEFAULT_REFILL_JITTER;
        private Duration standbyCheckInterval = HotSwapOptions.DEFAULT_CHECK_INTERVAL;
        private int hotSwapBreakerFailures = HotSwapOptions.DEFAULT_BREAKER_FAILURES;
        private Duration hotSwapBreakerPause = HotSwapOptions.DEFAULT_BREAKER_PAUSE;
        private boolean hotInbox;
        private Duration handoverJitter = HandoverOptions.DEFAULT_JITTER;
        private Duration overlap = HandoverOptions.DEFAULT_OVERLAP;
        private Duration drainTimeout = HandoverOptions.DEFAULT_DRAIN_TIMEOUT;
        private boolean orderedHandover = true;
        private Duration publishSettle = HandoverOptions.DEFAULT_PUBLISH_SETTLE;
        private HandoverMode handoverMode = HandoverMode.EXACT;
        private long handoverMaxHeldBytes = HandoverOptions.DEFAULT_MAX_HELD_BYTES;
        private Duration suspectAfter = Duration.ZERO;
        private boolean rebalance;
        private LameDuckPrimaryPolicy lameDuckPrimaryPolicy = LameDuckPrimaryPolicy.SERVE_UNTIL_SWAP;
        private LameDuckSubscribe lameDuckSubscribe = LameDuckSubscribe.HOT_SWAP;
        private int requestBufferSize = RequestBufferOptions.DEFAULT_MAX_REQUESTS;
        private long requestBufferMaxBytes = RequestBufferOptions.DEFAULT_MAX_BYTES;
        private Duration requestBufferTimeout = RequestBufferOptions.DEFAULT_TIMEOUT;
        private int maxPendingMessages = PendingOptions.DEFAULT_MAX_MESSAGES;
        private long maxPendingBytes = PendingOptions.DEFAULT_MAX_BYTES;
        private PendingPolicy pendingPolicy = PendingOptions.DEFAULT_POLICY;
        private ClientListener listener = new ClientListener() {};
        private @Nullable Executor executor;

        private Builder() {}

        /**
         * The servers to start from; others of the cluster are discovered. {@link #DEFAULT_SERVER} unless set. The C++
         * client called this {@code natsAddr}.
         *
         * <p>All of them are reached in one way, and so are those that are discovered: over TCP ({@code nats://},
         * {@code tls://}), over a WebSocket ({@code ws://}, RFC 6455), or over a WebSocket in TLS ({@code wss://}). The port
         * is 4222, 80 or 443 unless it is said. A WebSocket may have a path behind the port, for a web server in between;
         * servers that are discovered have none.
         *
         * @param urls {@code nats://host:port}, or {@code tls://host:port} for {@link TlsMode#REQUIRED}, or
         *     {@code ws://host:port/path}, or {@code wss://host:port/path}, which is encrypted as {@code tls://} is; several
         *     of them or one string with commas
         * @return this
         */
        public Builder servers(String... urls) {
            servers = split(urls);
            return this;
        }

        /**
         * A proxy that connects to the servers, every time and to each of them, and looks their names up. None unless set;
         * what the JDK has for this ({@code socksProxyHost}) is not looked at.
         *
         * @param url {@code http://host:port} for CONNECT (RFC 9110), {@code socks5://host:port} for SOCKS (RFC 1928), with
         *     {@code user:password@} before the host if it wants that; the connection to the proxy is not encrypted
         * @return this
         */
        public Builder proxy(String url) {
            proxy = url;
            return this;
        }

        /**
         * Whether servers are tried in the order given instead of a random one.
         *
         * @param noRandomize true for the order given
         * @return this
         */
        public Builder noRandomize(boolean noRandomize) {
            randomize = !noRandomize;
            return this;
        }

        /**
         * Whether the client keeps to the servers it was given, and takes no others that the cluster tells of: for
         * addresses that are of no use where the client is.
         *
         * @param ignoreDiscoveredServers true for configured servers alone
         * @return this
         */
        public Builder ignoreDiscoveredServers(boolean ignoreDiscoveredServers) {
            this.ignoreDiscoveredServers = ignoreDiscoveredServers;
            return this;
        }

        /**
         * Fixes every random choice: order of servers, jitter, backoff.
         *
         * @param seed the seed
         * @return this
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * The name the server shows in its monitoring; also part of the client's thread names.
         *
         * @param name the name
         * @return this
         */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /**
         * The name of the SLF4J logger. What concerns one standby alone is logged, at DEBUG, under this name,
         * {@code _hotswap_} and the number of the standby. {@link #DEFAULT_LOGGER_NAME} unless set. The C++ client had
         * it as an argument of its constructor.
         *
         * @param loggerName the name
         * @return this
         */
        public Builder loggerName(String loggerName) {
            this.loggerName = loggerName;
            return this;
        }

        /**
         * What the subjects of replies begin with, for users who may not subscribe to {@code _INBOX.>} but to inboxes of
         * their own. {@link #DEFAULT_INBOX_PREFIX} unless set.
         *
         * @param inboxPrefix one or several tokens, at most 256 bytes
         * @return this
         */
        public Builder inboxPrefix(String inboxPrefix) {
            this.inboxPrefix = inboxPrefix;
            return this;
        }

        /**
         * Identifies by user and password. Credentials in the URL of a server take precedence there over these and all
         * others.
         *
         * @param user the user
         * @param password the password
         * @return this
         */
        public Builder user(String user, String password) {
            return user(user, new FixedSecret(password));
        }

        /**
         * Identifies by user and a password that may change.
         *
         * @param user the user
         * @param password asked for every connection, on a thread of the client's own
         * @return this
         */
        public Builder user(String user, Supplier<String> password) {
            this.user = user;
            this.password = password;
            return this;
        }

        /**
         * Identifies by a token.
         *
         * @param token the token
         * @return this
         */
        public Builder token(String token) {
            return token(new FixedSecret(token));
        }

        /**
         * Identifies by a token that may change.
         *
         * @param token asked for every connection, on a thread of the client's own
         * @return this
         */
        public Builder token(Supplier<String> token) {
            this.token = token;
            return this;
        }

        /**
         * Identifies by a key that the server knows, or signs for the {@link #jwt}.
         *
         * @param seed {@code SU…}; it is copied, so that the caller may wipe the array
         * @return this
         */
        public Builder nkeySeed(char[] seed) {
            return nkeySeed(new FixedSeed(seed));
        }

        /**
         * Identifies by a key that may change, or signs with it for the {@link #jwt}.
         *
         * @param seed asked for every connection, on a thread of the client's own; the array it returns is wiped after use
         * @return this
         */
        public Builder nkeySeed(Supplier<char[]> seed) {
            this.nkeySeed = seed;
            return this;
        }

        /**
         * Identifies by a key in a file, or signs with it for the {@link #jwt}.
         *
         * @param file with a line {@code SU…}; read again for every connection
         * @return this
         */
        public Builder nkeyFile(Path file) {
            this.nkeyFile = file;
            return this;
        }

        /**
         * Identifies by the JWT of a user. Its key is that of {@link #nkeySeed} or {@link #nkeyFile}.
         *
         * @param jwt the JWT
         * @return this
         */
        public Builder jwt(String jwt) {
            return jwt(new FixedSecret(jwt));
        }

        /**
         * Identifies by a JWT that may change. Its key is that of {@link #nkeySeed} or {@link #nkeyFile}.
         *
         * @param jwt asked for every connection, on a thread of the client's own
         * @return this
         */
        public Builder jwt(Supplier<String> jwt) {
            this.jwt = jwt;
            return this;
        }

        /**
         * Identifies by a JWT and its key in one file.
         *
         * @param file {@code .creds}, as {@code nsc} writes it; read again for every connection
         * @return this
         */
        public Builder credentialsFile(Path file) {
            this.credentialsFile = file;
            return this;
        }

        /**
         * Identifies as a handler says.
         *
         * @param authHandler asked for every connection
         * @return this
         */
        public Builder authHandler(AuthHandler authHandler) {
            this.authHandler = authHandler;
            return this;
        }

        /**
         * {@link AuthOptions#renewBefore()}; 1 min unless set. The moment is random, between this and half of it before the
         * end; of a JWT that lasts less than twice as long, half the time it has left counts instead.
         *
         * @param renewCredentialsBefore more than zero
         * @return this
         */
        public Builder renewCredentialsBefore(Duration renewCredentialsBefore) {
            this.renewCredentialsBefore = renewCredentialsBefore;
            return this;
        }

        /**
         * {@link ConnectionOptions#connectTimeout()}; 2 s unless set.
         *
         * @param connectTimeout more than zero
         * @return this
         */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = connectTimeout;
            return this;
        }

        /**
         * {@link ConnectionOptions#pingInterval()}; 20 s unless set.
         *
         * @param pingInterval more than zero
         * @return this
         */
        public Builder pingInterval(Duration pingInterval) {
            this.pingInterval = pingInterval;
            return this;
        }

        /**
         * {@link ConnectionOptions#maxPingsOut()}; 2 unless set.
         *
         * @param maxPingsOut at least 1
         * @return this
         */
        public Builder maxPingsOut(int maxPingsOut) {
            this.maxPingsOut = maxPingsOut;
            return this;
        }

        /**
         * {@link ConnectionOptions#outboundBufferBytes()}; 4 MiB unless set.
         *
         * @param outboundBufferBytes at least 1024
         * @return this
         */
        public Builder outboundBufferBytes(int outboundBufferBytes) {
            this.outboundBufferBytes = outboundBufferBytes;
            return this;
        }

        /**
         * {@link ConnectionOptions#publishReliability()}; AT_MOST_ONCE unless set.
         *
         * @param publishReliability whether a publish may rather be lost or arrive twice
         * @return this
         */
        public Builder publishReliability(PublishReliability publishReliability) {
            this.publishReliability = publishReliability;
            return this;
        }

        /**
         * {@link ConnectionOptions#maxRetainedBytes()}; 64 MiB unless set.
         *
         * @param maxRetainedBytes at least 1024, at most 256 MiB
         * @return this
         */
        public Builder maxRetainedBytes(int maxRetainedBytes) {
            this.maxRetainedBytes = maxRetainedBytes;
            return this;
        }

        /**
         * {@link ConnectionOptions#publishTimeout()}; 10 s unless set.
         *
         * @param publishTimeout more than zero
         * @return this
         */
        public Builder publishTimeout(Duration publishTimeout) {
            this.publishTimeout = publishTimeout;
            return this;
        }

        /**
         * {@link ConnectionOptions#writeTimeout()}; 5 s unless set.
         *
         * @param writeTimeout more than zero
         * @return this
         */
        public Builder writeTimeout(Duration writeTimeout) {
            this.writeTimeout = writeTimeout;
            return this;
        }

        /**
         * {@link ConnectionOptions#flushTimeout()}; 1 s unless set.
         *
         * @param flushTimeout more than zero
         * @return this
         */
        public Builder flushTimeout(Duration flushTimeout) {
            this.flushTimeout = flushTimeout;
            return this;
        }

        /**
         * Whether the client does not receive what it publishes itself.
         *
         * <p>While it goes from one server to another one, neither knows what was published through the other one: its
         * own messages are recognised by their content, so that a message of somebody else may be taken for one of them
         * if it is the same to the last byte.
         *
         * @param noEcho true for no echo
         * @return this
         */
        public Builder noEcho(boolean noEcho) {
            echo = !noEcho;
            return this;
        }

        /**
         * {@link TlsOptions#mode()}; AUTOMATIC unless set.
         *
         * @param tls OFF, AUTOMATIC, AVAILABLE or REQUIRED
         * @return this
         */
        public Builder tls(TlsMode tls) {
            this.tls = tls;
            return this;
        }

        /**
         * {@link TlsOptions#first()}; false unless set.
         *
         * @param tlsFirst whether the handshake comes before the server's INFO
         * @return this
         */
        public Builder tlsFirst(boolean tlsFirst) {
            this.tlsFirst = tlsFirst;
            return this;
        }

        /**
         * {@link TlsOptions#acceptAnyHostName()}; false unless set.
         *
         * @param tlsAcceptAnyHostName whether a certificate is accepted whoever it was made for
         * @return this
         */
        public Builder tlsAcceptAnyHostName(boolean tlsAcceptAnyHostName) {
            this.tlsAcceptAnyHostName = tlsAcceptAnyHostName;
            return this;
        }

        /**
         * Encrypts with this context, for every connection the same; what the JDK trusts unless set.
         *
         * @param context an initialised context
         * @return this
         */
        public Builder tlsContext(SSLContext context) {
            Objects.requireNonNull(context, "tlsContext");
            return tlsContext(() -> context);
        }

        /**
         * Encrypts with contexts from a supplier, which is asked for each new connection, on a thread of the client's own,
         * and may block.
         *
         * @param contexts gives initialised contexts; what it throws fails the connection
         * @return this
         */
        public Builder tlsContext(Supplier<SSLContext> contexts) {
            tlsContext = contexts;
            return this;
        }

        /**
         * {@link TlsOptions#trustStore()}; what the JDK trusts unless set.
         *
         * @param file PEM, PKCS12 or JKS, with the certificates of authorities
         * @param password its password; null for none
         * @return this
         */
        public Builder tlsTrustStore(Path file, @Nullable String password) {
            tlsTrustStore = file;
            tlsTrustStorePassword = password;
            return this;
        }

        /**
         * {@link TlsOptions#keyStore()}; none unless set.
         *
         * @param file PEM, PKCS12 or JKS, with the client's certificate and key
         * @param password of the file and the key; null for none, as in PEM
         * @return this
         */
        public Builder tlsKeyStore(Path file, @Nullable String password) {
            tlsKeyStore = file;
            tlsKeyStorePassword = password;
            return this;
        }

        /**
         * {@link ReconnectOptions#bufferBytes()}; 8 MiB unless set. 64 to 128 MiB suit heavy traffic in production, 8 to
         * 16 MiB development. The C++ client called this reconnectBufSize.
         *
         * @param reconnectBufferSize bytes, 0 for none
         * @return this
         */
        public Builder reconnectBufferSize(int reconnectBufferSize) {
            this.reconnectBufferSize = reconnectBufferSize;
            return this;
        }

        /**
         * {@link ReconnectOptions#firstDelay()}; 100 ms unless set.
         *
         * @param reconnectFirstDelay more than zero
         * @return this
         */
        public Builder reconnectFirstDelay(Duration reconnectFirstDelay) {
            this.reconnectFirstDelay = reconnectFirstDelay;
            return this;
        }

        /**
         * {@link ReconnectOptions#maxDelay()}; 5 s unless set.
         *
         * @param reconnectMaxDelay at least the first delay
         * @return this
         */
        public Builder reconnectMaxDelay(Duration reconnectMaxDelay) {
            this.reconnectMaxDelay = reconnectMaxDelay;
            return this;
        }

        /**
         * {@link ReconnectOptions#jitter()}; 1 unless set.
         *
         * @param reconnectJitter from 0, where a wait is what the delays say, to 1, where it is anything up to that
         * @return this
         */
        public Builder reconnectJitter(double reconnectJitter) {
            this.reconnectJitter = reconnectJitter;
            return this;
        }

        /**
         * {@link ReconnectOptions#delay()}; none unless set.
         *
         * @param reconnectDelay says how long to wait after a round over all servers
         * @return this
         */
        public Builder reconnectDelay(ReconnectDelay reconnectDelay) {
            this.reconnectDelay = reconnectDelay;
            return this;
        }

        /**
         * {@link ReconnectOptions#maxAttempts()}; for ever unless set.
         *
         * @param maxReconnectAttempts attempts at each server, or -1 for ever
         * @return this
         */
        public Builder maxReconnectAttempts(int maxReconnectAttempts) {
            this.maxReconnectAttempts = maxReconnectAttempts;
            return this;
        }

        /**
         * {@link ReconnectOptions#onInitialConnect()}; false unless set.
         *
         * @param retryOnInitialConnect whether {@link NatsClient#connect(NatsOptions)} returns a client that tries on,
         *     if it finds no server at first
         * @return this
         */
        public Builder retryOnInitialConnect(boolean retryOnInitialConnect) {
            this.retryOnInitialConnect = retryOnInitialConnect;
            return this;
        }

        /**
         * {@link HotSwapOptions#enabled()}; true unless set.
         *
         * @param hotSwapEnabled whether a leaving server is left at once
         * @return this
         */
        public Builder hotSwapEnabled(boolean hotSwapEnabled) {
            this.hotSwapEnabled = hotSwapEnabled;
            return this;
        }

        /**
         * {@link HotSwapOptions#standbys()}; 1 unless set.
         *
         * @param standbys from 0 to 8
         * @return this
         */
        public Builder standbys(int standbys) {
            this.standbys = standbys;
            return this;
        }

        /**
         * {@link HotSwapOptions#servers()}; none unless set.
         *
         * @param urls {@code nats://host:port}, several of them or one string with commas
         * @return this
         */
        public Builder hotSwapServers(String... urls) {
            hotSwapServers = split(urls);
            return this;
        }

        /**
         * {@link HotSwapOptions#preferDifferentServer()}; true unless set.
         *
         * @param hotSwapPreferDifferentServer whether a standby is never on the server in use
         * @return this
         */
        public Builder hotSwapPreferDifferentServer(boolean hotSwapPreferDifferentServer) {
            this.hotSwapPreferDifferentServer = hotSwapPreferDifferentServer;
            return this;
        }

        /**
         * {@link HotSwapOptions#timeout()}; 5 s unless set. 2 to 5 s suit production, 5 to 10 s development.
         *
         * @param hotSwapTimeout more than zero
         * @return this
         */
        public Builder hotSwapTimeout(Duration hotSwapTimeout) {
            this.hotSwapTimeout = hotSwapTimeout;
            return this;
        }

        /**
         * {@link HotSwapOptions#refillJitter()}; 2 s unless set.
         *
         * @param standbyRefillJitter not negative
         * @return this
         */
        public Builder standbyRefillJitter(Duration standbyRefillJitter) {
            this.standbyRefillJitter = standbyRefillJitter;
            return this;
        }

        /**
         * {@link HotSwapOptions#checkInterval()}; 5 s unless set.
         *
         * @param standbyCheckInterval more than zero
         * @return this
         */
        public Builder standbyCheckInterval(Duration standbyCheckInterval) {
            this.standbyCheckInterval = standbyCheckInterval;
            return this;
        }

        /**
         * {@link HotSwapOptions#breakerFailures()}; 5 unless set.
         *
         * @param hotSwapBreakerFailures at least 1
         * @return this
         */
        public Builder hotSwapBreakerFailures(int hotSwapBreakerFailures) {
            this.hotSwapBreakerFailures = hotSwapBreakerFailures;
            return this;
        }

        /**
         * {@link HotSwapOptions#breakerPause()}; 30 s unless set.
         *
         * @param hotSwapBreakerPause more than zero
         * @return this
         */
        public Builder hotSwapBreakerPause(Duration hotSwapBreakerPause) {
            this.hotSwapBreakerPause = hotSwapBreakerPause;
            return this;
        }

        /**
         * {@link HotSwapOptions#hotInbox()}; false unless set.
         *
         * @param hotInbox whether replies are received through the standby too
         * @return this
         */
        public Builder hotInbox(boolean hotInbox) {
            this.hotInbox = hotInbox;
            return this;
        }

        /**
         * {@link HandoverOptions#jitter()}; 300 ms unless set.
         *
         * @param handoverJitter not negative
         * @return this
         */
        public Builder handoverJitter(Duration handoverJitter) {
            this.handoverJitter = handoverJitter;
            return this;
        }

        /**
         * {@link HandoverOptions#overlap()}; 250 ms unless set.
         *
         * @param overlap not negative
         * @return this
         */
        public Builder overlap(Duration overlap) {
            this.overlap = overlap;
            return this;
        }

        /**
         * {@link HandoverOptions#drainTimeout()}; 1 s unless set.
         *
         * @param drainTimeout more than zero
         * @return this
         */
        public Builder drainTimeout(Duration drainTimeout) {
            this.drainTimeout = drainTimeout;
            return this;
        }

        /**
         * {@link HandoverOptions#ordered()}; true unless set.
         *
         * @param orderedHandover whether publishes keep their order across a move
         * @return this
         */
        public Builder orderedHandover(boolean orderedHandover) {
            this.orderedHandover = orderedHandover;
            return this;
        }

        /**
         * {@link HandoverOptions#publishSettle()}; 20 ms unless set.
         *
         * @param publishSettle not negative
         * @return this
         */
        public Builder publishSettle(Duration publishSettle) {
            this.publishSettle = publishSettle;
            return this;
        }

        /**
         * {@link HandoverOptions#mode()}; EXACT unless set.
         *
         * @param handoverMode EXACT or AT_LEAST_ONCE
         * @return this
         */
        public Builder handover(HandoverMode handoverMode) {
            this.handoverMode = handoverMode;
            return this;
        }

        /**
         * {@link HandoverOptions#maxHeldBytes()}; 64 MiB unless set.
         *
         * @param handoverMaxHeldBytes not negative
         * @return this
         */
        public Builder handoverMaxHeldBytes(long handoverMaxHeldBytes) {
            this.handoverMaxHeldBytes = handoverMaxHeldBytes;
            return this;
        }

        /**
         * {@link HandoverOptions#suspectAfter()}; never unless set. Well above the time an answer takes when all is well:
         * 1 to 2 s suit most networks.
         *
         * @param suspectAfter zero for never
         * @return this
         */
        public Builder suspectAfter(Duration suspectAfter) {
            this.suspectAfter = suspectAfter;
            return this;
        }

        /**
         * {@link HandoverOptions#rebalance()}; false unless set.
         *
         * @param rebalance whether new servers of the cluster get their share of clients like this one
         * @return this
         */
        public Builder rebalance(boolean rebalance) {
            this.rebalance = rebalance;
            return this;
        }

        /**
         * {@link LameDuckOptions#primaryPolicy()}; SERVE_UNTIL_SWAP unless set.
         *
         * @param lameDuckPrimaryPolicy SERVE_UNTIL_SWAP or BUFFER
         * @return this
         */
        public Builder lameDuckPrimaryPolicy(LameDuckPrimaryPolicy lameDuckPrimaryPolicy) {
            this.lameDuckPrimaryPolicy = lameDuckPrimaryPolicy;
            return this;
        }

        /**
         * {@link LameDuckOptions#subscribe()}; HOT_SWAP unless set.
         *
         * @param lameDuckSubscribe HOT_SWAP or REJECT
         * @return this
         */
        public Builder lameDuckSubscribe(LameDuckSubscribe lameDuckSubscribe) {
            this.lameDuckSubscribe = lameDuckSubscribe;
            return this;
        }

        /**
         * {@link RequestBufferOptions#maxRequests()}; 1000 unless set. 1000 to 5000 suit production, by the rate of
         * requests, 100 to 500 development.
         *
         * @param requestBufferSize requests, 0 for none
         * @return this
         */
        public Builder requestBufferSize(int requestBufferSize) {
            this.requestBufferSize = requestBufferSize;
            return this;
        }

        /**
         * {@link RequestBufferOptions#maxBytes()}; 64 MiB unless set.
         *
         * @param requestBufferMaxBytes not negative
         * @return this
         */
        public Builder requestBufferMaxBytes(long requestBufferMaxBytes) {
            this.requestBufferMaxBytes = requestBufferMaxBytes;
            return this;
        }

        /**
         * {@link RequestBufferOptions#timeout()}; 30 s unless set.
         *
         * @param requestBufferTimeout more than zero
         * @return this
         */
        public Builder requestBufferTimeout(Duration requestBufferTimeout) {
            this.requestBufferTimeout = requestBufferTimeout;
            return this;
        }

        /**
         * {@link PendingOptions#maxMessages()}; 524288 unless set.
         *
         * @param maxPendingMessages more than zero
         * @return this
         */
        public Builder maxPendingMessages(int maxPendingMessages) {
            this.maxPendingMessages = maxPendingMessages;
            return this;
        }

        /**
         * {@link PendingOptions#maxBytes()}; 64 MiB unless set.
         *
         * @param maxPendingBytes more than zero
         * @return this
         */
        public Builder maxPendingBytes(long maxPendingBytes) {
            this.maxPendingBytes = maxPendingBytes;
            return this;
        }

        /**
         * {@link PendingOptions#policy()}; DROP_NEW unless set.
         *
         * @param pendingPolicy which messages are dropped
         * @return this
         */
        public Builder pendingPolicy(PendingPolicy pendingPolicy) {
            this.pendingPolicy = pendingPolicy;
            return this;
        }

        /**
         * Who is told what happens; nobody unless set.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(ClientListener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * Where handlers, listeners and asynchronous results run; daemon threads of the client's own unless set. It is
         * never shut down by the client. While it refuses tasks, messages wait for it, and the rest runs on threads of
         * the client's own.
         *
         * @param executor an executor with at least as many threads as there are handlers that block at a time; it must
         *     not run tasks on the thread that hands them over, which may be the event loop
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Checks the options against their bounds and each other.
         *
         * @return the options
         * @throws IllegalArgumentException naming the option, its value and its bound
         */
        public NatsOptions build() {
            return new NatsOptions(this);
        }
    }
}
