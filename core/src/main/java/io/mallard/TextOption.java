package io.mallard;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An option that can be written as text. All of them are the one table of which options there are, what they are called,
 * and how each is read, said and copied.
 *
 * <p>Threading: immutable.
 *
 * @param name as the builder's method is called
 * @param form how its values are written
 * @param setter into a builder
 * @param getter from options; null when it is not set
 */
record TextOption<T>(
        String name,
        TextForm<T> form,
        BiConsumer<NatsOptions.Builder, T> setter,
        Function<NatsOptions, @Nullable T> getter) {
    /** Every option but those that are code: listener, executor, authentication handler, context of TLS, delay. */
    static final List<TextOption<?>> ALL = List.of(
            new TextOption<>(
                    "servers",
                    TextForm.URLS,
                    (b, urls) -> b.servers(urls.toArray(String[]::new)),
                    NatsOptions::servers),
            new TextOption<>(
                    "proxy",
                    TextForm.URL,
                    (b, url) -> b.proxy = url,
                    o -> o.proxy().orElse(null)),
            new TextOption<>("noRandomize", TextForm.FLAG, NatsOptions.Builder::noRandomize, o -> !o.randomize()),
            new TextOption<>(
                    "ignoreDiscoveredServers",
                    TextForm.FLAG,
                    NatsOptions.Builder::ignoreDiscoveredServers,
                    NatsOptions::ignoreDiscoveredServers),
            new TextOption<>("seed", TextForm.SEED, NatsOptions.Builder::seed, NatsOptions::seed),
            new TextOption<>("name", TextForm.TEXT, NatsOptions.Builder::name, NatsOptions::name),
            new TextOption<>("loggerName", TextForm.TEXT, NatsOptions.Builder::loggerName, NatsOptions::loggerName),
            new TextOption<>("inboxPrefix", TextForm.TEXT, NatsOptions.Builder::inboxPrefix, NatsOptions::inboxPrefix),
            new TextOption<>(
                    "user",
                    TextForm.TEXT,
                    (b, user) -> b.user = user,
                    o -> o.auth().user()),
            new TextOption<>(
                    "password",
                    TextForm.SECRET,
                    (b, password) -> b.password = password,
                    o -> o.auth().password()),
            new TextOption<>(
                    "token",
                    TextForm.SECRET,
                    (b, token) -> b.token(token),
                    o -> o.auth().token()),
            new TextOption<>(
                    "nkeySeed",
                    TextForm.SEED_OF_KEY,
                    (b, seed) -> b.nkeySeed(seed),
                    o -> o.auth().nkeySeed()),
            new TextOption<>(
                    "nkeyFile",
                    TextForm.FILE,
                    NatsOptions.Builder::nkeyFile,
                    o -> o.auth().nkeyFile()),
            new TextOption<>(
                    "jwt",
                    TextForm.SECRET,
                    (b, jwt) -> b.jwt(jwt),
                    o -> o.auth().jwt()),
            new TextOption<>(
                    "credentialsFile",
                    TextForm.FILE,
                    NatsOptions.Builder::credentialsFile,
                    o -> o.auth().credentialsFile()),
            new TextOption<>(
                    "renewCredentialsBefore",
                    TextForm.DURATION,
                    NatsOptions.Builder::renewCredentialsBefore,
                    o -> o.auth().renewBefore()),
            new TextOption<>(
                    "connectTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::connectTimeout,
                    o -> o.connection().connectTimeout()),
            new TextOption<>(
                    "pingInterval",
                    TextForm.DURATION,
                    NatsOptions.Builder::pingInterval,
                    o -> o.connection().pingInterval()),
            new TextOption<>(
                    "maxPingsOut",
                    TextForm.COUNT,
                    NatsOptions.Builder::maxPingsOut,
                    o -> o.connection().maxPingsOut()),
            new TextOption<>(
                    "outboundBufferBytes",
                    TextForm.ARRAY_BYTES,
                    NatsOptions.Builder::outboundBufferBytes,
                    o -> o.connection().outboundBufferBytes()),
            new TextOption<>(
                    "publishReliability",
                    TextForm.oneOf(PublishReliability.class),
                    NatsOptions.Builder::publishReliability,
                    o -> o.connection().publishReliability()),
            new TextOption<>(
                    "maxRetainedBytes",
                    TextForm.ARRAY_BYTES,
                    NatsOptions.Builder::maxRetainedBytes,
                    o -> o.connection().maxRetainedBytes()),
            new TextOption<>(
                    "publishTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::publishTimeout,
                    o -> o.connection().publishTimeout()),
            new TextOption<>(
                    "writeTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::writeTimeout,
                    o -> o.connection().writeTimeout()),
            new TextOption<>(
                    "flushTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::flushTimeout,
                    o -> o.connection().flushTimeout()),
            new TextOption<>(
                    "noEcho",
                    TextForm.FLAG,
                    NatsOptions.Builder::noEcho,
                    o -> !o.connection().echo()),
            new TextOption<>(
                    "tls",
                    TextForm.oneOf(TlsMode.class),
                    NatsOptions.Builder::tls,
                    o -> o.tls().mode()),
            new TextOption<>(
                    "tlsFirst",
                    TextForm.FLAG,
                    NatsOptions.Builder::tlsFirst,
                    o -> o.tls().first()),
            new TextOption<>(
                    "tlsAcceptAnyHostName",
                    TextForm.FLAG,
                    NatsOptions.Builder::tlsAcceptAnyHostName,
                    o -> o.tls().acceptAnyHostName()),
            new TextOption<>(
                    "tlsTrustStore",
                    TextForm.FILE,
                    (b, file) -> b.tlsTrustStore = file,
                    o -> o.tls().trustStore()),
            new TextOption<>(
                    "tlsTrustStorePassword",
                    TextForm.PASSWORD,
                    (b, password) -> b.tlsTrustStorePassword = password,
                    o -> o.tls().trustStorePassword()),
            new TextOption<>(
                    "tlsKeyStore",
                    TextForm.FILE,
                    (b, file) -> b.tlsKeyStore = file,
                    o -> o.tls().keyStore()),
            new TextOption<>(
                    "tlsKeyStorePassword",
                    TextForm.PASSWORD,
                    (b, password) -> b.tlsKeyStorePassword = password,
                    o -> o.tls().keyStorePassword()),
            new TextOption<>(
                    "reconnectBufferSize",
                    TextForm.ARRAY_BYTES,
                    NatsOptions.Builder::reconnectBufferSize,
                    o -> o.reconnect().bufferBytes()),
            new TextOption<>(
                    "reconnectFirstDelay",
                    TextForm.DURATION,
                    NatsOptions.Builder::reconnectFirstDelay,
                    o -> o.reconnect().firstDelay()),
            new TextOption<>(
                    "reconnectMaxDelay",
                    TextForm.DURATION,
                    NatsOptions.Builder::reconnectMaxDelay,
                    o -> o.reconnect().maxDelay()),
            new TextOption<>(
                    "reconnectJitter",
                    TextForm.SHARE,
                    NatsOptions.Builder::reconnectJitter,
                    o -> o.reconnect().jitter()),
            new TextOption<>(
                    "maxReconnectAttempts",
                    TextForm.COUNT,
                    NatsOptions.Builder::maxReconnectAttempts,
                    o -> o.reconnect().maxAttempts()),
            new TextOption<>(
                    "retryOnInitialConnect",
                    TextForm.FLAG,
                    NatsOptions.Builder::retryOnInitialConnect,
                    o -> o.reconnect().onInitialConnect()),
            new TextOption<>(
                    "hotSwapEnabled",
                    TextForm.FLAG,
                    NatsOptions.Builder::hotSwapEnabled,
                    o -> o.hotSwap().enabled()),
            new TextOption<>(
                    "standbys",
                    TextForm.COUNT,
                    NatsOptions.Builder::standbys,
                    o -> o.hotSwap().standbys()),
            new TextOption<>(
                    "hotSwapServers",
                    TextForm.URLS,
                    (b, urls) -> b.hotSwapServers(urls.toArray(String[]::new)),
                    o -> o.hotSwap().servers()),
            new TextOption<>(
                    "hotSwapPreferDifferentServer",
                    TextForm.FLAG,
                    NatsOptions.Builder::hotSwapPreferDifferentServer,
                    o -> o.hotSwap().preferDifferentServer()),
            new TextOption<>(
                    "hotSwapTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::hotSwapTimeout,
                    o -> o.hotSwap().timeout()),
            new TextOption<>(
                    "standbyRefillJitter",
                    TextForm.DURATION,
                    NatsOptions.Builder::standbyRefillJitter,
                    o -> o.hotSwap().refillJitter()),
            new TextOption<>(
                    "standbyCheckInterval",
                    TextForm.DURATION,
                    NatsOptions.Builder::standbyCheckInterval,
                    o -> o.hotSwap().checkInterval()),
            new TextOption<>(
                    "hotSwapBreakerFailures",
                    TextForm.COUNT,
                    NatsOptions.Builder::hotSwapBreakerFailures,
                    o -> o.hotSwap().breakerFailures()),
            new TextOption<>(
                    "hotSwapBreakerPause",
                    TextForm.DURATION,
                    NatsOptions.Builder::hotSwapBreakerPause,
                    o -> o.hotSwap().breakerPause()),
            new TextOption<>(
                    "hotInbox",
                    TextForm.FLAG,
                    NatsOptions.Builder::hotInbox,
                    o -> o.hotSwap().hotInbox()),
            new TextOption<>(
                    "handoverJitter",
                    TextForm.DURATION,
                    NatsOptions.Builder::handoverJitter,
                    o -> o.handover().jitter()),
            new TextOption<>(
                    "overlap",
                    TextForm.DURATION,
                    NatsOptions.Builder::overlap,
                    o -> o.handover().overlap()),
            new TextOption<>(
                    "drainTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::drainTimeout,
                    o -> o.handover().drainTimeout()),
            new TextOption<>(
                    "orderedHandover",
                    TextForm.FLAG,
                    NatsOptions.Builder::orderedHandover,
                    o -> o.handover().ordered()),
            new TextOption<>(
                    "publishSettle",
                    TextForm.DURATION,
                    NatsOptions.Builder::publishSettle,
                    o -> o.handover().publishSettle()),
            new TextOption<>(
                    "handover",
                    TextForm.oneOf(HandoverMode.class),
                    NatsOptions.Builder::handover,
                    o -> o.handover().mode()),
            new TextOption<>(
                    "handoverMaxHeldBytes",
                    TextForm.BYTES,
                    NatsOptions.Builder::handoverMaxHeldBytes,
                    o -> o.handover().maxHeldBytes()),
            new TextOption<>(
                    "suspectAfter",
                    TextForm.DURATION,
                    NatsOptions.Builder::suspectAfter,
                    o -> o.handover().suspectAfter()),
            new TextOption<>(
                    "rebalance",
                    TextForm.FLAG,
                    NatsOptions.Builder::rebalance,
                    o -> o.handover().rebalance()),
            new TextOption<>(
                    "lameDuckPrimaryPolicy",
                    TextForm.oneOf(LameDuckPrimaryPolicy.class),
                    NatsOptions.Builder::lameDuckPrimaryPolicy,
                    o -> o.lameDuck().primaryPolicy()),
            new TextOption<>(
                    "lameDuckSubscribe",
                    TextForm.oneOf(LameDuckSubscribe.class),
                    NatsOptions.Builder::lameDuckSubscribe,
                    o -> o.lameDuck().subscribe()),
            new TextOption<>(
                    "requestBufferSize",
                    TextForm.COUNT,
                    NatsOptions.Builder::requestBufferSize,
                    o -> o.requestBuffer().maxRequests()),
            new TextOption<>(
                    "requestBufferMaxBytes",
                    TextForm.BYTES,
                    NatsOptions.Builder::requestBufferMaxBytes,
                    o -> o.requestBuffer().maxBytes()),
            new TextOption<>(
                    "requestBufferTimeout",
                    TextForm.DURATION,
                    NatsOptions.Builder::requestBufferTimeout,
                    o -> o.requestBuffer().timeout()),
            new TextOption<>(
                    "maxPendingMessages",
                    TextForm.COUNT,
                    NatsOptions.Builder::maxPendingMessages,
                    o -> o.pending().maxMessages()),
            new TextOption<>(
                    "maxPendingBytes",
                    TextForm.BYTES,
                    NatsOptions.Builder::maxPendingBytes,
                    o -> o.pending().maxBytes()),
            new TextOption<>(
                    "pendingPolicy",
                    TextForm.oneOf(PendingPolicy.class),
                    NatsOptions.Builder::pendingPolicy,
                    o -> o.pending().policy()));

    /** What the C++ client called them. */
    private static final Map<String, String> OTHER_NAMES =
            Map.of("servers", "natsAddr", "reconnectBufferSize", "reconnectBufSize");

    /**
     * Reads what is named by keys with the prefix.
     *
     * @param spelling how the name of an option is written behind the prefix
     * @throws IllegalArgumentException naming a key that is no option, or its value, and what is allowed
     */
    static NatsOptions.Builder read(String prefix, UnaryOperator<String> spelling, Map<String, String> texts) {
        Map<String, TextOption<?>> known = new HashMap<>();
        for (TextOption<?> option : ALL) {
            known.put(prefix + spelling.apply(option.name), option);
            known.put(prefix + spelling.apply(OTHER_NAMES.getOrDefault(option.name, option.name)), option);
        }
        NatsOptions.Builder builder = NatsOptions.builder();
        Map<TextOption<?>, String> read = new HashMap<>();
        for (Map.Entry<String, String> text : new TreeMap<>(texts).entrySet()) {
            String key = text.getKey();
            if (key.startsWith(prefix)) {
                TextOption<?> option = known.get(key);
                if (option == null) { // The value is not repeated: it may be a secret under a misspelt name.
                    throw new IllegalArgumentException(
                            key + " is no option, must be one of " + new TreeSet<>(known.keySet()));
                }
                String other = read.put(option, key);
                if (other != null) {
                    throw new IllegalArgumentException(other + " and " + key + " are the same option");
                }
                option.read(key, text.getValue(), builder);
            }
        }
        return builder;
    }

    private void read(String key, String text, NatsOptions.Builder builder) {
        T value;
        try {
            value = form.reader().apply(text);
        } catch (RuntimeException e) { // Whatever a parser of numbers, durations or constants throws.
            throw new IllegalArgumentException(key + "=" + text + ", must be " + form.allowed(), e);
        }
        setter.accept(builder, value);
    }

    /** The options that are set, by name, in the order of the table; secrets are masked. */
    static Map<String, String> say(NatsOptions options) {
        Map<String, String> texts = new LinkedHashMap<>();
        ALL.forEach(option -> option.say(options, texts));
        return texts;
    }

    private void say(NatsOptions options, Map<String, String> texts) {
        T value = getter.apply(options);
        if (value != null) {
            texts.put(name, form.writer().apply(value));
        }
    }

    /** Sets what is set in the options. */
    void copy(NatsOptions from, NatsOptions.Builder to) {
        T value = getter.apply(from);
        if (value != null) {
            setter.accept(to, value);
        }
    }
}
