package io.mallard.it.support;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link NatsServer} encrypts the connections of its clients.
 *
 * <p>Threading: immutable.
 *
 * @param certificate PEM file with the server's certificate
 * @param key PEM file with its key
 * @param clientAuthority PEM file with the authority that clients need a certificate of; null when they need none
 * @param plainAllowed whether clients may go without TLS
 * @param first whether the handshake comes before INFO, which a server of 2.10 or newer knows
 */
public record ServerTls(
        Path certificate, Path key, @Nullable Path clientAuthority, boolean plainAllowed, boolean first) {
    /** Required, behind INFO, of the server alone. */
    public ServerTls(Path certificate, Path key) {
        this(certificate, key, null, false, false);
    }

    public ServerTls withClientAuthority(Path authority) {
        return new ServerTls(certificate, key, authority, plainAllowed, first);
    }

    public ServerTls withPlainAllowed() {
        return new ServerTls(certificate, key, clientAuthority, true, first);
    }

    public ServerTls withHandshakeFirst() {
        return new ServerTls(certificate, key, clientAuthority, plainAllowed, true);
    }

    /** What the configuration file says about it, in lines. */
    String text() {
        return block() + "\n" + (plainAllowed ? "allow_non_tls: true\n" : "");
    }

    /** As far as it is said of WebSockets, too. */
    String block() {
        return String.format(
                Locale.ROOT,
                "tls { cert_file: \"%s\", key_file: \"%s\", timeout: 5%s%s }",
                certificate,
                key,
                clientAuthority == null ? "" : ", ca_file: \"" + clientAuthority + "\", verify: true",
                first ? ", handshake_first: true" : "");
    }
}
