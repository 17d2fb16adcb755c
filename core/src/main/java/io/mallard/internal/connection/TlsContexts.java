package io.mallard.internal.connection;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the context of one connection from what the options say: the user's, one from the stores as they are now, or the
 * JDK's.
 *
 * <p>Threading: stateless; blocks while it reads files.
 */
final class TlsContexts {
    private TlsContexts() {}

    /** Fails with a {@link NatsException} that names the store, or with whatever the user's supplier throws. */
    static SSLContext make(TlsOptions options) {
        if (options.context() != null) {
            return Objects.requireNonNull(options.context().get(), "tlsContext supplied null");
        }
        try {
            if (options.trustStore() == null && options.keyStore() == null) {
                return SSLContext.getDefault();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(options), authorities(options), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new NatsException(NatsStatus.SSL_ERROR, "no TLS context: " + e.getMessage(), e);
        }
    }

    private static KeyManager @Nullable [] keys(TlsOptions options) {
        Path file = options.keyStore();
        if (file == null) {
            return null;
        }
        String given = options.keyStorePassword();
        char[] password = given == null ? new char[0] : given.toCharArray();
        KeyStore store = read("tlsKeyStore", file, password);
        try {
            if (!hasKey(store)) {
                throw new NatsException(
                        NatsStatus.SSL_ERROR,
                        "tlsKeyStore=" + file + " has no key; a certificate alone proves nothing");
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw unusable("tlsKeyStore", file, e);
        }
    }

    private static boolean hasKey(KeyStore store) throws GeneralSecurityException {
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                return true;
            }
        }
        return false;
    }

    private static TrustManager @Nullable [] authorities(TlsOptions options) {
        Path file = options.trustStore();
        if (file == null) {
            return null; // Those of the JDK.
        }
        KeyStore store = read("tlsTrustStore", file, password(options.trustStorePassword()));
        try {
            // Without its password a PKCS12 store looks empty, and one of keys trusts nobody.
            if (store.size() == 0) {
                throw new NatsException(
                        NatsStatus.SSL_ERROR,
                        "tlsTrustStore=" + file + " has no certificate that can be read; check tlsTrustStorePassword");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw unusable("tlsTrustStore", file, e);
        }
    }

    private static char @Nullable [] password(@Nullable String password) {
        return password == null ? null : password.toCharArray();
    }

    private static KeyStore read(String option, Path file, char @Nullable [] password) {
        if (!Files.isReadable(file)) {
            throw new NatsException(NatsStatus.SSL_ERROR, option + "=" + file + " is no file that can be read");
        }
        try {
            PemFile text = PemFile.read(file);
            return text == null ? KeyStore.getInstance(file.toFile(), password) : text.toStore(password);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw unusable(option, file, e);
        }
    }

    private static NatsException unusable(String option, Path file, Exception cause) {
        return new NatsException(
                NatsStatus.SSL_ERROR,
                option + "=" + file + " cannot be used: " + cause.getMessage() + "; check " + option + "Password",
                cause);
    }
}
