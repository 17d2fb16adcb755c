package io.mallard.internal.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.AuthHandler;
import io.mallard.AuthOptions;
import io.mallard.Credentials;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.Expiry;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.UserInfo;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.JwtClaims;
import io.mallard.protocol.wire.ServerInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the credentials for one server: those in its URL, or else those of the options, asked for and read anew for every
 * connection. A server that was discovered has no URL of its own: where the options have none, it gets those of the first
 * URL that has some.
 *
 * <p>Threading: asked on the event loop; handlers, files and keys are the executor's business, because they take time.
 */
public final class Authenticator implements Introduction {
    private static final byte[] NO_NONCE = {};

    private final ConnectInfo plain;
    private final List<String> hotSwapUrls;
    private final Map<ServerAddress, Credentials> inUrls = new HashMap<>();
    /** Servers that were not discovered. */
    private List<ServerAddress> configured = List.of();

    private @Nullable Credentials firstInUrl;
    private final @Nullable AuthHandler handler;
    private final Executor executor;
    private final long renewBeforeNs;
    private final Random random;

    /** {@code plain} is what every server is told. */
    public Authenticator(ConnectInfo plain, NatsOptions options, Executor executor) {
        this.plain = plain;
        this.executor = executor;
        this.handler = handlerOf(options.auth());
        this.renewBeforeNs = options.auth().renewBefore().toNanos();
        this.random = new Random(options.seed());
        this.hotSwapUrls = options.hotSwap().servers();
        configure(options.servers());
    }

    /** From now on these servers are configured. */
    public void configure(List<String> servers) {
        List<String> urls = new ArrayList<>(servers);
        urls.addAll(hotSwapUrls);
        configured = urls.stream().map(ServerAddress::parse).toList();
        inUrls.clear();
        Credentials first = null;
        for (String url : urls) {
            UserInfo found = UserInfo.of(url);
            if (found != null) {
                Credentials credentials = found.password() == null
                        ? Credentials.token(found.name())
                        : Credentials.user(found.name(), found.password());
                inUrls.putIfAbsent(ServerAddress.parse(url), credentials);
                first = first == null ? credentials : first;
            }
        }
        firstInUrl = first;
    }

    private static @Nullable AuthHandler handlerOf(AuthOptions auth) {
        String user = auth.user();
        Supplier<String> password = auth.password();
        Supplier<String> token = auth.token();
        Supplier<String> jwt = auth.jwt();
        Supplier<char[]> seed = auth.nkeySeed();
        Path file = auth.credentialsFile() == null ? auth.nkeyFile() : auth.credentialsFile();
        if (user != null && password != null) {
            return (url, nonce) -> Credentials.user(user, password.get());
        }
        if (token != null) {
            return (url, nonce) -> Credentials.token(token.get());
        }
        if (file != null) {
            boolean alone = auth.credentialsFile() == null && jwt == null;
            return (url, nonce) -> {
                try (CredentialsFile read = CredentialsFile.read(file)) {
                    return signed(alone ? null : jwt == null ? read.jwt() : jwt.get(), read.seed(), nonce);
                }
            };
        }
        if (seed != null) {
            return (url, nonce) -> {
                char[] given = seed.get();
                try {
                    return signed(jwt == null ? null : jwt.get(), given, nonce);
                } finally {
                    Arrays.fill(given, '\0');
                }
            };
        }
        return auth.handler();
    }

    private static Credentials signed(@Nullable String jwt, char[] seed, byte[] nonce) throws Exception {
        try (UserKey key = new UserKey(seed)) {
            byte[] signature = key.sign(nonce);
            return jwt == null ? Credentials.nkey(key.publicKey(), signature) : Credentials.jwt(jwt.strip(), signature);
        }
    }

    @Override
    public CompletableFuture<Hello> to(ServerAddress address, ServerInfo server) {
        Credentials inUrl = inUrls.get(address);
        if (inUrl == null && handler == null && !configured.contains(address)) {
            inUrl = firstInUrl;
        }
        if (inUrl != null || handler == null) {
            return CompletableFuture.completedFuture(new Hello(inUrl == null ? plain : with(inUrl), null));
        }
        AuthHandler asked = handler;
        String nonce = server.nonce();
        CompletableFuture<Hello> hello = new CompletableFuture<>();
        try {
            executor.execute(() -> ask(asked, address, nonce, hello));
        } catch (RejectedExecutionException e) {
            hello.completeExceptionally(e); // The client was closed.
        }
        return hello;
    }

    private void ask(AuthHandler asked, ServerAddress address, @Nullable String nonce, CompletableFuture<Hello> hello) {
        try {
            byte[] toSign = nonce == null ? NO_NONCE : nonce.getBytes(US_ASCII);
            Credentials credentials = asked.credentials(address.toString(), toSign);
            hello.complete(new Hello(with(credentials), expiryOf(credentials)));
        } catch (Throwable e) { // Whatever it is, it ends this attempt and not the thread.
            hello.completeExceptionally(
                    new NatsException(NatsStatus.CONNECTION_AUTH_FAILED, "there are no credentials: " + e, e));
        }
    }

    private ConnectInfo with(Credentials credentials) {
        return plain.toBuilder()
                .user(credentials.user())
                .pass(credentials.password())
                .authToken(credentials.token())
                .nkey(credentials.nkey())
                .jwt(credentials.jwt())
                .sig(credentials.signature())
                .build();
    }

    private @Nullable Expiry expiryOf(Credentials credentials) {
        String jwt = credentials.jwt();
        Long expiresAtS = jwt == null ? null : JwtClaims.parse(jwt).expiresAtS();
        if (expiresAtS == null) {
            return null;
        }
        long nowNs = System.nanoTime();
        double share = 1 - random.nextDouble() / 2; // Not all clients with one JWT at one moment.
        return Expiry.at(expiresAtS, System.currentTimeMillis(), nowNs, renewBeforeNs, share);
    }
}
