package io.mallard;

import io.mallard.internal.server.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Everything a client can be told before it starts. Bad values are refused when they are set together, naming the
 * value and its bound; nothing is read from the environment.
 *
 * <p>Threading: immutable; a {@link Builder} belongs to one thread.
 */
public final class NatsOptions {
    /** Where a server listens unless told otherwise. */
    public static final String DEFAULT_SERVER = "nats://localhost:4222";

    private final List<String> servers;
    private final boolean randomize;
    private final long seed;
    private final String name;
    private final AuthOptions auth;
    private final ConnectionOptions connection;
    private final ReconnectOptions reconnect;
    private final HotSwapOptions hotSwap;
    private final HandoverOptions handover;
    private final LameDuckOptions lameDuck;
    private final RequestBufferOptions requestBuffer;
    private final ClientListener listener;
    private final @Nullable Executor executor;

    private NatsOptions(Builder builder) {
        servers = builder.servers.isEmpty() ? List.of(DEFAULT_SERVER) : List.copyOf(builder.servers);
        refuseWhatIsNoServer("servers", servers);
        randomize = builder.randomize;
        seed = builder.seed;
        name = builder.name;
        auth = new AuthOptions(builder.user, builder.password, builder.token);
        connection = new ConnectionOptions(
                builder.connectTimeout,
                builder.pingInterval,
                builder.maxPingsOut,
                builder.outboundBufferBytes,
                builder.publishTimeout,
                builder.flushTimeout,
                builder.echo);
        reconnect = new ReconnectOptions(
                builder.reconnectBufferSize,
                builder.reconnectFirstDelay,
                builder.reconnectMaxDelay,
                builder.maxReconnectAttempts);
        refuseWhatIsNoServer("hotSwapServers", builder.hotSwapServers);
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
                builder.handoverMaxHeldBytes);
        lameDuck = new LameDuckOptions(builder.lameDuckPrimaryPolicy, builder.lameDuckSubscribe);
        requestBuffer = new RequestBufferOptions(
                builder.requestBufferSize, builder.requestBufferMaxBytes, builder.requestBufferTimeout);
        listener = builder.listener;
        executor = builder.executor;
    }

    private static void refuseWhatIsNoServer(String option, List<String> urls) {
        try {
            urls.forEach(ServerAddress::parse);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
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
     * The servers to start from.
     *
     * @return URLs, at least one
     */
    public List<String> servers() {
        return servers;
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
        return "NatsOptions[servers=" + servers + ", randomize=" + randomize + ", seed=" + seed + ", name=" + name
                + ", auth=" + auth + ", " + connection + ", " + reconnect + ", " + hotSwap + ", " + handover + ", "
                + lameDuck + ", "
                + requestBuffer + "]";
    }

    static void requirePositive(String option, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(option + "=" + value + ", must be > 0");
        }
    }

    static void requireNotNegative(String option, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(option + "=" + value + ", must be >= 0");
        }
    }

    static void requireAtLeast(String option, long value, long bound) {
        if (value < bound) {
            throw new IllegalArgumentException(option + "=" + value + ", must be >= " + bound);
        }
    }

    /**
     * Collects options; {@link #build()} checks them.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private final List<String> servers = new ArrayList<>();
        private boolean randomize = true;
        private long seed = System.nanoTime();
        private String name = "mallard";
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable String token;
        private Duration connectTimeout = ConnectionOptions.DEFAULT_CONNECT_TIMEOUT;
        private Duration pingInterval = ConnectionOptions.DEFAULT_PING_INTERVAL;
        private int maxPingsOut = ConnectionOptions.DEFAULT_MAX_PINGS_OUT;
        private int outboundBufferBytes = ConnectionOptions.DEFAULT_OUTBOUND_BUFFER_BYTES;
        private Duration publishTimeout = ConnectionOptions.DEFAULT_PUBLISH_TIMEOUT;
        private Duration flushTimeout = ConnectionOptions.DEFAULT_FLUSH_TIMEOUT;
        private boolean echo = true;
        private int reconnectBufferSize = ReconnectOptions.DEFAULT_BUFFER_BYTES;
        private Duration reconnectFirstDelay = ReconnectOptions.DEFAULT_FIRST_DELAY;
        private Duration reconnectMaxDelay = ReconnectOptions.DEFAULT_MAX_DELAY;
        private int maxReconnectAttempts = ReconnectOptions.FOREVER;
        private boolean hotSwapEnabled = true;
        private int standbys = HotSwapOptions.DEFAULT_STANDBYS;
        private final List<String> hotSwapServers = new ArrayList<>();
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
        private LameDuckPrimaryPolicy lameDuckPrimaryPolicy = LameDuckPrimaryPolicy.SERVE_UNTIL_SWAP;
        private LameDuckSubscribe lameDuckSubscribe = LameDuckSubscribe.HOT_SWAP;
        private int requestBufferSize = RequestBufferOptions.DEFAULT_MAX_REQUESTS;
        private long requestBufferMaxBytes = RequestBufferOptions.DEFAULT_MAX_BYTES;
        private Duration requestBufferTimeout = RequestBufferOptions.DEFAULT_TIMEOUT;
        private ClientListener listener = new ClientListener() {};
        private @Nullable Executor executor;

        private Builder() {}

        /**
         * Adds servers to start from; others of the cluster are discovered.
         *
         * @param urls {@code nats://host:port}, several of them or one string with commas
         * @return this
         */
        public Builder servers(String... urls) {
            addTo(servers, urls);
            return this;
        }

        private static void addTo(List<String> list, String... urls) {
            for (String url : urls) {
                for (String one : url.split(",", -1)) {
                    list.add(one.strip());
                }
            }
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
         * Identifies by user and password.
         *
         * @param user the user
         * @param password the password
         * @return this
         */
        public Builder user(String user, String password) {
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
            this.token = token;
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
         * @param noEcho true for no echo
         * @return this
         */
        public Builder noEcho(boolean noEcho) {
            echo = !noEcho;
            return this;
        }

        /**
         * {@link ReconnectOptions#bufferBytes()}; 8 MiB unless set.
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
         * {@link ReconnectOptions#maxAttempts()}; for ever unless set.
         *
         * @param maxReconnectAttempts rounds over all servers, or -1 for ever
         * @return this
         */
        public Builder maxReconnectAttempts(int maxReconnectAttempts) {
            this.maxReconnectAttempts = maxReconnectAttempts;
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
         * Adds servers to {@link HotSwapOptions#servers()}; none unless set.
         *
         * @param urls {@code nats://host:port}, several of them or one string with commas
         * @return this
         */
        public Builder hotSwapServers(String... urls) {
            addTo(hotSwapServers, urls);
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
         * {@link HotSwapOptions#timeout()}; 5 s unless set.
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
         * {@link RequestBufferOptions#maxRequests()}; 1000 unless set.
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
