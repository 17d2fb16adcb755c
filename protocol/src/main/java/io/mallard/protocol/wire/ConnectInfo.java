package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client says about itself in CONNECT; null fields are left out.
 *
 * <p>Threading: immutable.
 *
 * @param version of the client
 * @param echo whether the server delivers this connection's own messages to its subscriptions
 * @param sig the server's nonce, signed with the key of {@code jwt} or {@code nkey}
 */
public record ConnectInfo(
        boolean tlsRequired,
        boolean echo,
        String version,
        @Nullable String name,
        @Nullable String user,
        @Nullable String pass,
        @Nullable String authToken,
        @Nullable String jwt,
        @Nullable String nkey,
        @Nullable String sig) {

    public static Builder builder() {
        return new Builder();
    }

    /** A builder with all of this. */
    public Builder toBuilder() {
        return builder()
                .tlsRequired(tlsRequired)
                .echo(echo)
                .version(version)
                .name(name)
                .user(user)
                .pass(pass)
                .authToken(authToken)
                .jwt(jwt)
                .nkey(nkey)
                .sig(sig);
    }

    /** The argument of the CONNECT command. */
    // {["option":value,…]}     https://docs.nats.io/reference/reference-protocols/nats-protocol#connect
    public byte[] toJson() {
        StringBuilder json = new StringBuilder(256)
                .append("{\"verbose\":false,\"pedantic\":false,\"tls_required\":")
                .append(tlsRequired)
                .append(",\"lang\":\"java\",\"version\":")
                .append(Json.quote(version))
                .append(",\"protocol\":1,\"echo\":")
                .append(echo)
                .append(",\"headers\":true,\"no_responders\":true");
        appendUnlessNull(json, "name", name);
        appendUnlessNull(json, "user", user);
        appendUnlessNull(json, "pass", pass);
        appendUnlessNull(json, "auth_token", authToken);
        appendUnlessNull(json, "jwt", jwt);
        appendUnlessNull(json, "nkey", nkey);
        appendUnlessNull(json, "sig", sig);
        return json.append('}').toString().getBytes(UTF_8);
    }

    private static void appendUnlessNull(StringBuilder json, String field, @Nullable String value) {
        if (value != null) {
            json.append(",\"").append(field).append("\":").append(Json.quote(value));
        }
    }

    /** Shows which credentials are set, never what they are. */
    @Override
    public String toString() {
        return "ConnectInfo[tlsRequired=" + tlsRequired + ", echo=" + echo + ", version=" + version + ", name=" + name
                + ", user=" + user + ", pass=" + masked(pass) + ", authToken=" + masked(authToken) + ", jwt="
                + masked(jwt) + ", nkey=" + nkey + ", sig=" + masked(sig) + "]";
    }

    private static @Nullable String masked(@Nullable String secret) {
        return secret == null ? null : "***";
    }

    /** Collects the fields of a {@link ConnectInfo}; only the version is required. */
    public static final class Builder {
        private boolean tlsRequired;
        private boolean echo = true;
        private @Nullable String version;
        private @Nullable String name;
        private @Nullable String user;
        private @Nullable String pass;
        private @Nullable String authToken;
        private @Nullable String jwt;
        private @Nullable String nkey;
        private @Nullable String sig;

        private Builder() {}

        public Builder tlsRequired(boolean tlsRequired) {
            this.tlsRequired = tlsRequired;
            return this;
        }

        public Builder echo(boolean echo) {
            this.echo = echo;
            return this;
        }

        public Builder version(String version) {
            this.version = version;
            return this;
        }

        public Builder name(@Nullable String name) {
            this.name = name;
            return this;
        }

        public Builder user(@Nullable String user) {
            this.user = user;
            return this;
        }

        public Builder pass(@Nullable String pass) {
            this.pass = pass;
            return this;
        }

        public Builder authToken(@Nullable String authToken) {
            this.authToken = authToken;
            return this;
        }

        public Builder jwt(@Nullable String jwt) {
            this.jwt = jwt;
            return this;
        }

        public Builder nkey(@Nullable String nkey) {
            this.nkey = nkey;
            return this;
        }

        public Builder sig(@Nullable String sig) {
            this.sig = sig;
            return this;
        }

        public ConnectInfo build() {
            return new ConnectInfo(
                    tlsRequired,
                    echo,
                    Objects.requireNonNull(version, "version"),
                    name,
                    user,
                    pass,
                    authToken,
                    jwt,
                    nkey,
                    sig);
        }
    }
}
