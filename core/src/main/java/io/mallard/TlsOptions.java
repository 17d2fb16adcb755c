package io.mallard;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Whether connections are encrypted, whom the client trusts, and what it shows of itself.
 *
 * <p>A context is asked for, and stores are read, anew for each connection: a certificate that was exchanged meanwhile is
 * used by the next standby and the next reconnect.
 *
 * @param mode when a connection is encrypted
 * @param first whether the handshake comes before the server's INFO, as servers with {@code handshake_first} want it
 * @param acceptAnyHostName whether a certificate of a trusted authority is accepted whoever it was made for: with it, who
 *     has any such certificate can pass for the server
 * @param context where contexts come from, instead of stores; null for none
 * @param trustStore PEM, PKCS12 or JKS file with the authorities to trust; null for those the JDK trusts
 * @param trustStorePassword its password, or null
 * @param keyStore PEM, PKCS12 or JKS file with the client's own certificate, those between it and the authority, and its key,
 *     for servers that verify it; in PEM the key is PKCS #8 and not encrypted. Null for none
 * @param keyStorePassword its password, which is that of the key, too; or null
 */
public record TlsOptions(
        TlsMode mode,
        boolean first,
        boolean acceptAnyHostName,
        @Nullable Supplier<SSLContext> context,
        @Nullable Path trustStore,
        @Nullable String trustStorePassword,
        @Nullable Path keyStore,
        @Nullable String keyStorePassword) {
    /** As the server wants it, with what the JDK trusts. */
    public static final TlsOptions DEFAULTS =
            new TlsOptions(TlsMode.AUTOMATIC, false, false, null, null, null, null, null);

    /** Refuses what contradicts each other: two sources of certificates, or TLS first without TLS. */
    public TlsOptions {
        Objects.requireNonNull(mode, "tls");
        if (context != null && (trustStore != null || keyStore != null)) {
            throw new IllegalArgumentException("both tlsContext and "
                    + (trustStore != null ? "tlsTrustStore" : "tlsKeyStore") + " are given; a context brings its own");
        }
        if (trustStore == null && trustStorePassword != null) {
            throw new IllegalArgumentException("tlsTrustStorePassword is given without tlsTrustStore");
        }
        if (keyStore == null && keyStorePassword != null) {
            throw new IllegalArgumentException("tlsKeyStorePassword is given without tlsKeyStore");
        }
        if (first && mode == TlsMode.OFF) {
            throw new IllegalArgumentException("tlsFirst=true, but tls=OFF");
        }
    }

    /**
     * Whether a connection that is not encrypted is refused.
     *
     * @return true for {@link TlsMode#REQUIRED}, and for {@link TlsMode#AUTOMATIC} with anything that is only of use to TLS
     */
    public boolean isRequired() {
        return mode == TlsMode.REQUIRED
                || first
                || (mode == TlsMode.AUTOMATIC && (context != null || trustStore != null || keyStore != null));
    }

    /** Says everything but the passwords. */
    @Override
    public String toString() {
        return mode
                + (first ? ", before INFO" : "")
                + (acceptAnyHostName ? ", any host name" : "")
                + (context != null ? ", a context" : "")
                + (trustStore != null ? ", trust store " + trustStore : "")
                + (keyStore != null ? ", key store " + keyStore : "");
    }
}
