package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptionsTest {
    private static final Duration ZERO = Duration.ZERO;
    private static final Duration NEGATIVE = Duration.ofNanos(-1);
    private static final Duration SMALLEST = Duration.ofNanos(1);

    /** Nothing is as it is unless set. */
    static NatsOptions.Builder everyOption() {
        return NatsOptions.builder()
                .servers("nats://a:1, b:2", "c")
                .proxy("http://daisy:feather@p:8")
                .noRandomize(true)
                .ignoreDiscoveredServers(true)
                .seed(7)
                .name("duck")
                .loggerName("pond")
                .inboxPrefix("eggs.nest")
                .user("donald", "quack")
                .connectTimeout(Duration.ofMillis(1))
                .pingInterval(Duration.ofMillis(2))
                .maxPingsOut(3)
                .outboundBufferBytes(1024)
                .publishReliability(PublishReliability.AT_LEAST_ONCE)
                .maxRetainedBytes(1025)
                .publishTimeout(Duration.ofMillis(5))
                .writeTimeout(Duration.ofMillis(16))
                .flushTimeout(Duration.ofMillis(6))
                .noEcho(true)
                .tls(TlsMode.REQUIRED)
                .tlsFirst(true)
                .tlsAcceptAnyHostName(true)
                .tlsTrustStore(Path.of("trust.p12"), "webbed")
                .tlsKeyStore(Path.of("key.p12"), "feet")
                .reconnectBufferSize(0)
                .reconnectFirstDelay(Duration.ofMillis(8))
                .reconnectMaxDelay(Duration.ofMillis(8))
                .reconnectJitter(0.25)
                .maxReconnectAttempts(9)
                .retryOnInitialConnect(true)
                .hotSwapEnabled(false)
                .standbys(8)
                .hotSwapServers("nats://d:4, e:5", "f")
                .hotSwapPreferDifferentServer(false)
                .hotSwapTimeout(Duration.ofMillis(10))
                .standbyRefillJitter(ZERO)
                .standbyCheckInterval(Duration.ofMillis(11))
                .hotSwapBreakerFailures(1)
                .hotSwapBreakerPause(Duration.ofMillis(13))
                .hotInbox(true)
                .handoverJitter(Duration.ofMillis(12))
                .overlap(ZERO)
                .drainTimeout(Duration.ofMillis(14))
                .orderedHandover(false)
                .publishSettle(Duration.ofMillis(15))
                .handover(HandoverMode.AT_LEAST_ONCE)
                .handoverMaxHeldBytes(0)
                .suspectAfter(Duration.ofMillis(18))
                .rebalance(true)
                .lameDuckPrimaryPolicy(LameDuckPrimaryPolicy.BUFFER)
                .lameDuckSubscribe(LameDuckSubscribe.REJECT)
                .requestBufferSize(0)
                .requestBufferMaxBytes(16)
                .requestBufferTimeout(Duration.ofMillis(17))
                .maxPendingMessages(18)
                .maxPendingBytes(19)
                .pendingPolicy(PendingPolicy.DROP_OLD);
    }

    @Test
    void everyDefaultIsTheDocumentedOne() {
        NatsOptions options = NatsOptions.builder().build();

        assertThat(options.servers()).containsExactly("nats://localhost:4222");
        assertThat(options.proxy()).isEmpty();
        assertThat(options.randomize()).isTrue();
        assertThat(options.ignoreDiscoveredServers()).isFalse();
        assertThat(options.name()).isEqualTo("mallard");
        assertThat(options.loggerName()).isEqualTo("io.mallard.NatsClient");
        assertThat(options.inboxPrefix()).isEqualTo("_INBOX");
        assertThat(options.auth()).isEqualTo(AuthOptions.NONE);
        assertThat(options.connection()).isEqualTo(ConnectionOptions.DEFAULTS);
        assertThat(options.connection())
                .isEqualTo(new ConnectionOptions(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20),
                        2,
                        4 << 20,
                        PublishReliability.AT_MOST_ONCE,
                        64 << 20,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        true));
        assertThat(options.tls()).isEqualTo(TlsOptions.DEFAULTS);
        assertThat(options.tls())
                .isEqualTo(new TlsOptions(TlsMode.AUTOMATIC, false, false, null, null, null, null, null));
        assertThat(options.reconnect()).isEqualTo(ReconnectOptions.DEFAULTS);
        assertThat(options.reconnect())
                .isEqualTo(new ReconnectOptions(
                        8 << 20, Duration.ofMillis(100), Duration.ofSeconds(5), 1, null, -1, false));
        assertThat(options.hotSwap()).isEqualTo(HotSwapOptions.DEFAULTS);
        assertThat(options.hotSwap())
                .isEqualTo(new HotSwapOptions(
                        true,
                        1,
                        List.of(),
                        true,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        5,
                        Duration.ofSeconds(30),
                        false));
        assertThat(options.handover()).isEqualTo(HandoverOptions.DEFAULTS);
        assertThat(options.handover())
                .isEqualTo(new HandoverOptions(
                        Duration.ofMillis(300),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(1),
                        true,
                        Duration.ofMillis(20),
                        HandoverMode.EXACT,
                        64 << 20,
                        ZERO,
                        false));
        assertThat(options.lameDuck()).isEqualTo(LameDuckOptions.DEFAULTS);
        assertThat(options.lameDuck())
                .isEqualTo(new LameDuckOptions(LameDuckPrimaryPolicy.SERVE_UNTIL_SWAP, LameDuckSubscribe.HOT_SWAP));
        assertThat(options.requestBuffer()).isEqualTo(RequestBufferOptions.DEFAULTS);
        assertThat(options.requestBuffer()).isEqualTo(new RequestBufferOptions(1000, 64 << 20, Duration.ofSeconds(30)));
        assertThat(options.pending()).isEqualTo(PendingOptions.DEFAULTS);
        assertThat(options.pending()).isEqualTo(new PendingOptions(512 << 10, 64 << 20, PendingPolicy.DROP_NEW));
        assertThat(options.executor()).isEmpty();
        assertThat(options.listener()).isNotNull();
    }

    @Test
    void everyOptionArrivesWhereItBelongs() {
        ClientListener listener = new ClientListener() {};
        Executor executor = Runnable::run;

        ReconnectDelay delay = failedRounds -> ZERO;

        NatsOptions options = everyOption()
                .listener(listener)
                .executor(executor)
                .reconnectDelay(delay)
                .build();

        assertThat(options.servers()).containsExactly("nats://a:1", "b:2", "c");
        assertThat(options.proxy()).contains("http://daisy:feather@p:8");
        assertThat(options.randomize()).isFalse();
        assertThat(options.seed()).isEqualTo(7);
        assertThat(options.name()).isEqualTo("duck");
        assertThat(options.loggerName()).isEqualTo("pond");
        assertThat(options.auth()).isEqualTo(user("donald", "quack"));
        assertThat(options.connection())
                .isEqualTo(new ConnectionOptions(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        3,
                        1024,
                        PublishReliability.AT_LEAST_ONCE,
                        1025,
                        Duration.ofMillis(5),
                        Duration.ofMillis(16),
                        Duration.ofMillis(6),
                        false));
        assertThat(options.tls())
                .isEqualTo(new TlsOptions(
                        TlsMode.REQUIRED,
                        true,
                        true,
                        null,
                        Path.of("trust.p12"),
                        "webbed",
                        Path.of("key.p12"),
                        "feet"));
        assertThat(options.reconnect())
                .isEqualTo(new ReconnectOptions(0, Duration.ofMillis(8), Duration.ofMillis(8), 0.25, delay, 9, true));
        assertThat(options.hotSwap())
                .isEqualTo(new HotSwapOptions(
                        false,
                        8,
                        List.of("nats://d:4", "e:5", "f"),
                        false,
                        Duration.ofMillis(10),
                        ZERO,
                        Duration.ofMillis(11),
                        1,
                        Duration.ofMillis(13),
                        true));
        assertThat(options.handover())
                .isEqualTo(new HandoverOptions(
                        Duration.ofMillis(12),
                        ZERO,
                        Duration.ofMillis(14),
                        false,
                        Duration.ofMillis(15),
                        HandoverMode.AT_LEAST_ONCE,
                        0,
                        Duration.ofMillis(18),
                        true));
        assertThat(options.lameDuck())
                .isEqualTo(new LameDuckOptions(LameDuckPrimaryPolicy.BUFFER, LameDuckSubscribe.REJECT));
        assertThat(options.requestBuffer()).isEqualTo(new RequestBufferOptions(0, 16, Duration.ofMillis(17)));
        assertThat(options.pending()).isEqualTo(new PendingOptions(18, 19, PendingPolicy.DROP_OLD));
        assertThat(options.listener()).isSameAs(listener);
        assertThat(options.executor()).containsSame(executor);
    }

    @Test
    void optionsBecomeABuilderWithAllOfThem() {
        ClientListener listener = new ClientListener() {};
        Executor executor = Runnable::run;
        ReconnectDelay delay = failedRounds -> ZERO;
        NatsOptions options = everyOption()
                .listener(listener)
                .executor(executor)
                .reconnectDelay(delay)
                .build();

        NatsOptions copy = options.toBuilder().build();

        assertThat(copy).hasToString(options.toString());
        assertThat(copy.proxy()).isEqualTo(options.proxy());
        assertThat(copy.auth()).isEqualTo(options.auth());
        assertThat(copy.reconnect()).isEqualTo(options.reconnect());
        assertThat(copy.listener()).isSameAs(listener);
        assertThat(copy.executor()).containsSame(executor);
    }

    @Test
    void oneOptionOfACopyCanBeChangedAlone() {
        NatsOptions copy = NatsOptions.builder().token("quack").build().toBuilder()
                .servers("nats://other:1")
                .build();

        assertThat(copy.servers()).containsExactly("nats://other:1");
        assertThat(copy.auth()).isEqualTo(token("quack"));
        assertThat(copy.executor()).isEmpty();
    }

    @Test
    void productionBuffersMoreAndSwapsFaster() {
        assertThat(changed(NatsOptions.production()))
                .isEqualTo(Map.of(
                        "hotSwapTimeout", "2s",
                        "reconnectBufferSize", "64MiB",
                        "requestBufferSize", "5000",
                        "requestBufferTimeout", "60s"));
    }

    @Test
    void developmentBuffersLess() {
        assertThat(changed(NatsOptions.development()))
                .isEqualTo(Map.of("requestBufferSize", "100", "requestBufferTimeout", "10s"));
        NatsOptions development = NatsOptions.development().build();
        assertThat(development.hotSwap().enabled()).isTrue();
        assertThat(development.hotSwap().timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(development.reconnect().bufferBytes()).isEqualTo(8_388_608);
    }

    @Test
    void pitayaNoticesDeadServersSoonAndGivesUp() {
        assertThat(changed(NatsOptions.pitaya()))
                .isEqualTo(Map.of(
                        "pingInterval", "1s",
                        "maxReconnectAttempts", "30",
                        "reconnectFirstDelay", "150ms",
                        "reconnectMaxDelay", "150ms",
                        "reconnectJitter", Double.toString(1.0 / 3)));
        NatsOptions pitaya = NatsOptions.pitaya().build();
        assertThat(pitaya.connection().connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(pitaya.connection().maxPingsOut()).isEqualTo(2);
    }

    /** What differs from the defaults, as text. */
    private static Map<String, String> changed(NatsOptions.Builder preset) {
        Map<String, String> texts = TextOption.say(preset.seed(0).build());
        texts.entrySet()
                .removeAll(TextOption.say(NatsOptions.builder().seed(0).build()).entrySet());
        return texts;
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(b -> b.servers(), "servers: NATS address should not be empty"),
                refusal(b -> b.servers(""), "servers: NATS address should not be empty"),
                refusal(b -> b.servers("nats://a:1,"), "servers: NATS address should not be empty"),
                refusal(
                        b -> b.servers("http://a:1"),
                        "servers: server URL \"http://a:1\": only nats://, tls://, ws:// and wss:// URLs are supported"),
                refusal(
                        b -> b.servers("a", "tls://b").tls(TlsMode.OFF),
                        "tls=OFF, but the URL of a server begins with tls:// or wss://"),
                refusal(
                        b -> b.servers("wss://b").tls(TlsMode.OFF),
                        "tls=OFF, but the URL of a server begins with tls:// or wss://"),
                refusal(
                        b -> b.servers("ws://b").tls(TlsMode.REQUIRED),
                        "TLS is required (REQUIRED), but ws://b:80 is a WebSocket without it;"
                                + " its URL begins with wss:// if the server has TLS"),
                refusal(
                        b -> b.servers("ws://b").tlsTrustStore(Path.of("t"), null),
                        "TLS is required (AUTOMATIC, trust store t), but ws://b:80 is a WebSocket without it;"
                                + " its URL begins with wss:// if the server has TLS"),
                refusal(
                        b -> b.servers("nats://a", "ws://donald:quack@b"),
                        "servers: ws://b:80 beside nats://a:4222; all servers of a client are reached in one way:"
                                + " nats:// and tls://, or ws://, or wss://"),
                refusal(
                        b -> b.servers("wss://a").hotSwapServers("ws://b"),
                        "hotSwapServers: ws://b:80 beside wss://a:443; all servers of a client are reached in one way:"
                                + " nats:// and tls://, or ws://, or wss://"),
                refusal(
                        b -> b.proxy("https://donald:quack@a:1"),
                        "proxy: only http:// and socks5:// URLs are supported"),
                refusal(b -> b.proxy("http://donald:quack@a:0"), "proxy: the port must be a number from 1 to 65535"),
                refusal(
                        b -> b.proxy("socks5://donald:" + "q".repeat(256) + "@a"),
                        "proxy: password for the SOCKS proxy has 256 bytes, must be <= 255"),
                refusal(
                        b -> b.proxy("http://donald:100%@a"),
                        "proxy: in the credentials of a URL two hexadecimal digits must follow a %; % itself is %25"),
                refusal(b -> b.tls(TlsMode.OFF).tlsFirst(true), "tlsFirst=true, but tls=OFF"),
                refusal(
                        b -> b.tlsContext(() -> null).tlsTrustStore(Path.of("t"), null),
                        "both tlsContext and tlsTrustStore are given; a context brings its own"),
                refusal(
                        b -> b.tlsContext(() -> null).tlsKeyStore(Path.of("k"), "p"),
                        "both tlsContext and tlsKeyStore are given; a context brings its own"),
                refusal(b -> b.tlsTrustStore(null, "p"), "tlsTrustStorePassword is given without tlsTrustStore"),
                refusal(b -> b.tlsKeyStore(null, "p"), "tlsKeyStorePassword is given without tlsKeyStore"),
                refusal(
                        b -> b.servers("nats://donald:quack@a:0"),
                        "servers: server URL \"***@a:0\": the port must be a number from 1 to 65535"),
                refusal(
                        b -> b.hotSwapServers("nats://donald:100%@a:1"),
                        "hotSwapServers: in the credentials of a URL two hexadecimal digits must follow a %;"
                                + " % itself is %25"),
                refusal(b -> b.hotSwapServers("a", ""), "hotSwapServers: NATS address should not be empty"),
                refusal(b -> b.pingInterval(Duration.ofDays(366)), "pingInterval=PT8784H, must be <= PT8760H"),
                refusal(
                        b -> b.overlap(Duration.ofSeconds(Long.MAX_VALUE)),
                        "overlap=PT2562047788015215H30M7S, must be <= PT8760H"),
                refusal(
                        b -> b.reconnectMaxDelay(Duration.ofDays(366)),
                        "reconnectMaxDelay=PT8784H, must be <= PT8760H"),
                refusal(b -> b.handoverMaxHeldBytes(-1), "handoverMaxHeldBytes=-1, must be >= 0"),
                refusal(b -> b.connectTimeout(ZERO), "connectTimeout=PT0S, must be > 0"),
                refusal(b -> b.connectTimeout(NEGATIVE), "connectTimeout=PT-0.000000001S, must be >= 0"),
                refusal(b -> b.pingInterval(ZERO), "pingInterval=PT0S, must be > 0"),
                refusal(b -> b.maxPingsOut(0), "maxPingsOut=0, must be >= 1"),
                refusal(b -> b.outboundBufferBytes(1023), "outboundBufferBytes=1023, must be >= 1024"),
                refusal(b -> b.maxRetainedBytes(1023), "maxRetainedBytes=1023, must be >= 1024"),
                refusal(b -> b.maxRetainedBytes((1 << 28) + 1), "maxRetainedBytes=268435457, must be <= 268435456"),
                refusal(b -> b.publishTimeout(ZERO), "publishTimeout=PT0S, must be > 0"),
                refusal(b -> b.writeTimeout(ZERO), "writeTimeout=PT0S, must be > 0"),
                refusal(b -> b.flushTimeout(ZERO), "flushTimeout=PT0S, must be > 0"),
                refusal(b -> b.reconnectBufferSize(-1), "reconnectBufferSize=-1, must be >= 0"),
                refusal(b -> b.reconnectFirstDelay(ZERO), "reconnectFirstDelay=PT0S, must be > 0"),
                refusal(
                        b -> b.reconnectFirstDelay(Duration.ofMillis(2)).reconnectMaxDelay(Duration.ofMillis(1)),
                        "reconnectMaxDelay=PT0.001S, must be >= reconnectFirstDelay=PT0.002S"),
                refusal(b -> b.reconnectJitter(-0.1), "reconnectJitter=-0.1, must be from 0 to 1"),
                refusal(b -> b.reconnectJitter(1.5), "reconnectJitter=1.5, must be from 0 to 1"),
                refusal(b -> b.reconnectJitter(Double.NaN), "reconnectJitter=NaN, must be from 0 to 1"),
                refusal(b -> b.maxReconnectAttempts(-2), "maxReconnectAttempts=-2, must be >= -1"),
                refusal(b -> b.standbys(-1), "standbys=-1, must be from 0 to 8"),
                refusal(b -> b.standbys(9), "standbys=9, must be from 0 to 8"),
                refusal(
                        b -> b.hotSwapServers("a,b:0"),
                        "hotSwapServers: server URL \"b:0\": the port must be a number from 1 to 65535"),
                refusal(b -> b.hotSwapTimeout(ZERO), "hotSwapTimeout=PT0S, must be > 0"),
                refusal(b -> b.standbyRefillJitter(NEGATIVE), "standbyRefillJitter=PT-0.000000001S, must be >= 0"),
                refusal(b -> b.standbyCheckInterval(ZERO), "standbyCheckInterval=PT0S, must be > 0"),
                refusal(b -> b.hotSwapBreakerFailures(0), "hotSwapBreakerFailures=0, must be >= 1"),
                refusal(b -> b.hotSwapBreakerPause(ZERO), "hotSwapBreakerPause=PT0S, must be > 0"),
                refusal(b -> b.handoverJitter(NEGATIVE), "handoverJitter=PT-0.000000001S, must be >= 0"),
                refusal(b -> b.overlap(NEGATIVE), "overlap=PT-0.000000001S, must be >= 0"),
                refusal(b -> b.suspectAfter(NEGATIVE), "suspectAfter=PT-0.000000001S, must be >= 0"),
                refusal(b -> b.drainTimeout(ZERO), "drainTimeout=PT0S, must be > 0"),
                refusal(b -> b.requestBufferSize(-1), "requestBufferSize=-1, must be >= 0"),
                refusal(b -> b.requestBufferMaxBytes(-1), "requestBufferMaxBytes=-1, must be >= 0"),
                refusal(b -> b.requestBufferTimeout(ZERO), "requestBufferTimeout=PT0S, must be > 0"),
                refusal(b -> b.maxPendingMessages(0), "maxPendingMessages=0, must be >= 1"),
                refusal(b -> b.maxPendingBytes(0), "maxPendingBytes=0, must be >= 1"),
                refusal(
                        b -> b.user("donald", "quack").token("t"),
                        "both a user and a token are given; a server takes one of them"),
                refusal(
                        b -> b.token("t").jwt("j").nkeyFile(Path.of("k")),
                        "both a token and a JWT are given; a server takes one of them"),
                refusal(
                        b -> b.nkeyFile(Path.of("k")).credentialsFile(Path.of("c")),
                        "both an nkey and a credentialsFile are given; a server takes one of them"),
                refusal(
                        b -> b.user("donald", "quack").authHandler((url, nonce) -> Credentials.token("t")),
                        "both a user and an authHandler are given; a server takes one of them"),
                refusal(
                        b -> b.nkeyFile(Path.of("k")).nkeySeed(() -> new char[0]),
                        "both nkeySeed and nkeyFile are given; one key signs"),
                refusal(b -> b.jwt("j"), "a jwt is given without the nkeySeed or nkeyFile of its key"),
                refusal(
                        b -> b.nkeySeed("SUQUACK".toCharArray()),
                        "nkeySeed: a seed of 7 characters, must be 58, beginning with SU"),
                refusal(b -> b.inboxPrefix("a..b"), "inboxPrefix: subject \"a..b\": empty token at index 2"),
                refusal(b -> b.inboxPrefix("a".repeat(257)), "inboxPrefix has 257 bytes, must be <= 256"),
                refusal(b -> b.renewCredentialsBefore(ZERO), "renewCredentialsBefore=PT0S, must be > 0"));
    }

    static AuthOptions user(String user, String password) {
        return new AuthOptions(
                user, new FixedSecret(password), null, null, null, null, null, null, AuthOptions.DEFAULT_RENEW_BEFORE);
    }

    private static AuthOptions token(String token) {
        return new AuthOptions(
                null, null, new FixedSecret(token), null, null, null, null, null, AuthOptions.DEFAULT_RENEW_BEFORE);
    }

    private static Arguments refusal(Consumer<NatsOptions.Builder> mistake, String message) {
        return Arguments.of(mistake, message);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("refusals")
    void refusesWhatIsOutOfBoundsNamingOptionValueAndBound(Consumer<NatsOptions.Builder> mistake, String message) {
        NatsOptions.Builder builder = NatsOptions.builder();
        mistake.accept(builder);

        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage(message);
    }

    @Test
    void acceptsEveryDurationDownToItsBound() {
        NatsOptions options = NatsOptions.builder()
                .connectTimeout(SMALLEST)
                .pingInterval(SMALLEST)
                .maxPingsOut(1)
                .publishTimeout(SMALLEST)
                .flushTimeout(SMALLEST)
                .reconnectFirstDelay(SMALLEST)
                .reconnectMaxDelay(SMALLEST)
                .hotSwapTimeout(SMALLEST)
                .handoverJitter(ZERO)
                .drainTimeout(SMALLEST)
                .build();

        assertThat(options.connection().connectTimeout()).isEqualTo(SMALLEST);
    }

    @Test
    void saysWhichOptionIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> NatsOptions.builder().hotSwapTimeout(null).build())
                .withMessage("hotSwapTimeout");
        assertThatNullPointerException()
                .isThrownBy(() -> NatsOptions.builder().handover(null).build())
                .withMessage("handover");
        assertThatNullPointerException()
                .isThrownBy(() -> NatsOptions.builder().lameDuckSubscribe(null).build())
                .withMessage("lameDuckSubscribe");
        assertThatNullPointerException()
                .isThrownBy(() -> NatsOptions.builder().name(null).build())
                .withMessage("name");
    }

    @Test
    void credentialsAreWholeAndOfOneKind() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromEnvironment(Map.of("MALLARD_USER", "donald"))
                        .build())
                .withMessage("a user is given without a password");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromEnvironment(Map.of("MALLARD_PASSWORD", "quack"))
                        .build())
                .withMessage("a password is given without a user");
    }

    @Test
    void secretsAreNeverPrinted() {
        assertThat(NatsOptions.builder().user("donald", "secret").build().toString())
                .contains("user=donald, password=***")
                .doesNotContain("secret");
        assertThat(NatsOptions.builder().token("secret").build().toString())
                .contains("token=***")
                .doesNotContain("secret");
        assertThat(NatsOptions.builder()
                        .proxy("socks5://donald:secret@a")
                        .build()
                        .toString())
                .contains("proxy=socks5://***@a")
                .doesNotContain("secret", "donald");
        assertThat(NatsOptions.builder().build().toString()).doesNotContain("token", "password", "user", "proxy");
    }

    @Test
    void credentialsInUrlsAreNeverPrinted() {
        NatsOptions options = NatsOptions.builder()
                .servers("nats://donald:secret@a")
                .hotSwapServers("nats://donald:secret@b", "c")
                .build();

        assertThat(options.toString()).contains("servers=nats://***@a,").doesNotContain("secret", "donald");
        assertThat(options.hotSwap()).hasToString("enabled, standbys=1, servers=nats://***@b,c");
    }

    @Test
    void passwordsOfStoresAreNeverPrinted() {
        NatsOptions options = everyOption().build();

        assertThat(options.toString())
                .contains("tlsTrustStore=trust.p12, tlsTrustStorePassword=***", "tlsKeyStorePassword=***")
                .doesNotContain("webbed", "feet");
        assertThat(options.tls())
                .hasToString("REQUIRED, before INFO, any host name, trust store trust.p12, key store key.p12");
    }

    @Test
    void whatIsOfUseToTlsAloneRequiresIt() throws Exception {
        assertThat(NatsOptions.builder().build().tls().isRequired()).isFalse();
        assertThat(NatsOptions.builder().servers("a", "tls://b").build().tls().isRequired())
                .isTrue();
        assertThat(NatsOptions.builder().servers("WSS://b").build().tls().isRequired())
                .isTrue();
        assertThat(NatsOptions.builder().servers("ws://b").build().tls().isRequired())
                .isFalse();
        assertThat(NatsOptions.builder().hotSwapServers("TLS://b").build().tls().isRequired())
                .isTrue();
        assertThat(NatsOptions.builder().tlsFirst(true).build().tls().isRequired())
                .isTrue();
        NatsOptions.Builder withContext = NatsOptions.builder().tlsContext(SSLContext.getDefault());
        assertThat(withContext.build().tls().isRequired()).isTrue();
        assertThat(withContext.tls(TlsMode.AVAILABLE).build().tls().isRequired())
                .isFalse();
        assertThat(NatsOptions.builder().build().toBuilder()
                        .tlsTrustStore(Path.of("trust.p12"), null)
                        .build()
                        .tls()
                        .isRequired())
                .as("though the mode was copied")
                .isTrue();
    }

    @Test
    void aContextIsCopied() {
        Supplier<SSLContext> contexts = () -> null;

        NatsOptions copy =
                NatsOptions.builder().tlsContext(contexts).build().toBuilder().build();

        assertThat(copy.tls().context()).isSameAs(contexts);
        assertThat(copy.tls()).hasToString("AUTOMATIC, a context");
    }

    @Test
    void everyOptionOfTheBuilderIsInTheTable() {
        List<String> methods = Arrays.stream(NatsOptions.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == NatsOptions.Builder.class)
                .map(Method::getName)
                .toList();

        assertThat(TextOption.ALL)
                .extracting(TextOption::name)
                .containsAll(methods.stream()
                        .filter(name -> !List.of("listener", "executor", "authHandler", "tlsContext", "reconnectDelay")
                                .contains(name))
                        .toList());
    }
}
