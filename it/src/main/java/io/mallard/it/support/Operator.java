package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mallard.it.support.NkeyPair.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whoever runs servers that know nobody by themselves, and take whom a JWT vouches for: an operator with one account, and
 * the users it makes.
 *
 * <p>Threading: immutable.
 */
public final class Operator implements Authorization {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final NkeyPair operator;
    /** A running server accepts no other. */
    private final String operatorJwt;

    private final NkeyPair account;
    /** The public keys of users that it vouches for no longer. */
    private final List<String> revoked;

    private Operator(NkeyPair operator, String operatorJwt, NkeyPair account, List<String> revoked) {
        this.operator = operator;
        this.operatorJwt = operatorJwt;
        this.account = account;
        this.revoked = revoked;
    }

    /** A new one with new keys. */
    public Operator() {
        this(NkeyPair.generate(Owner.OPERATOR));
    }

    private Operator(NkeyPair operator) {
        this(
                operator,
                jwt(operator, "operator", operator, null, "operator", JSON.objectNode()),
                NkeyPair.generate(Owner.ACCOUNT),
                List.of());
    }

    /** The same one, who vouches for these users no longer. */
    public Operator revoking(User... users) {
        return new Operator(
                operator,
                operatorJwt,
                account,
                Stream.of(users).map(user -> user.key().publicKey()).toList());
    }

    /** Somebody with a key and what proves that it is the key of a user. */
    public record User(NkeyPair key, String jwt) {
        /** The text of a {@code .creds} file. */
        public String credentials() {
            return String.format(Locale.ROOT, """
                    -----BEGIN NATS USER JWT-----
                    %s
                    ------END NATS USER JWT------

                    ************************* IMPORTANT *************************
                    NKEY Seed printed below can be used to sign and prove identity.
                    NKEYs are sensitive and should be treated as secrets.

                    -----BEGIN USER NKEY SEED-----
                    %s
                    ------END USER NKEY SEED------

                    *************************************************************
                    """, jwt, key.seed());
        }

        /** Replaces the file in one step. */
        public Path writeTo(Path file) {
            try {
                Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), credentials());
                return Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** One who may do everything, for ever. */
    public User user(String name) {
        return user(name, null, JSON.objectNode(), JSON.objectNode());
    }

    /** One who may do everything, until then. */
    public User user(String name, Instant until) {
        return user(name, until, JSON.objectNode(), JSON.objectNode());
    }

    /** One who may publish to nothing but that, for ever. */
    public User publisherTo(String name, String subject) {
        ObjectNode allowed = JSON.objectNode();
        allowed.putArray("allow").add(subject);
        return user(name, null, allowed, JSON.objectNode());
    }

    private User user(String name, @Nullable Instant until, ObjectNode publish, ObjectNode subscribe) {
        NkeyPair key = NkeyPair.generate(Owner.USER);
        ObjectNode nats = limits(JSON.objectNode());
        nats.set("pub", publish);
        nats.set("sub", subscribe);
        return new User(key, jwt(account, name, key, until, "user", nats));
    }

    private static ObjectNode limits(ObjectNode node) {
        return node.put("subs", -1).put("data", -1).put("payload", -1);
    }

    @Override
    public String text() {
        ObjectNode nats = JSON.objectNode();
        nats.set(
                "limits",
                limits(JSON.objectNode())
                        .put("imports", -1)
                        .put("exports", -1)
                        .put("wildcards", true)
                        .put("conn", -1)
                        .put("leaf", -1));
        ObjectNode revocations = nats.putObject("revocations");
        revoked.forEach(key -> revocations.put(key, Instant.now().getEpochSecond()));
        return String.format(
                Locale.ROOT,
                "operator: \"%s\"\nresolver: MEMORY\nresolver_preload: { %s: \"%s\" }\n",
                operatorJwt,
                account.publicKey(),
                jwt(operator, "account", account, null, "account", nats));
    }

    private static String jwt(
            NkeyPair issuer, String name, NkeyPair subject, @Nullable Instant until, String type, ObjectNode nats) {
        ObjectNode claims = JSON.objectNode()
                .put("jti", UUID.randomUUID().toString())
                .put("iat", Instant.now().getEpochSecond())
                .put("iss", issuer.publicKey())
                .put("name", name)
                .put("sub", subject.publicKey());
        if (until != null) {
            claims.put("exp", until.getEpochSecond());
        }
        claims.set("nats", nats.put("type", type).put("version", 2));
        ObjectNode header = JSON.objectNode().put("typ", "JWT").put("alg", "ed25519-nkey");
        String signed = BASE64.encodeToString(header.toString().getBytes(UTF_8)) + "."
                + BASE64.encodeToString(claims.toString().getBytes(UTF_8));
        return signed + "." + BASE64.encodeToString(issuer.sign(signed.getBytes(UTF_8)));
    }
}
