package io.mallard.protocol.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for the loopback address, made when the first test needs it, and the contexts around it.
 *
 * <p>Threading: immutable.
 */
final class TestCertificate {
    private static final String PASSWORD = "not-a-secret";
    private static final KeyStore KEY_STORE;

    static {
        // Both are read by the JDK when it first uses TLS.
        // By default the keys change after 128 GiB, which no test sends.
        Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^20");
        // By default a socket of the JDK takes an end without close_notify for a proper one.
        System.setProperty("com.sun.net.ssl.requireCloseNotify", "true");
        try {
            KEY_STORE = generate();
        } catch (IOException | GeneralSecurityException | InterruptedException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private TestCertificate() {}

    static SSLContext server() throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KEY_STORE, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** A client that trusts the certificate. */
    static SSLContext trustingClient() throws GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            trusted.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        trusted.setCertificateEntry("server", KEY_STORE.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return client(trust.getTrustManagers());
    }

    /** A client that trusts the public authorities, to which the certificate means nothing. */
    static SSLContext distrustingClient() throws GeneralSecurityException {
        return client(null);
    }

    static SSLContext client(TrustManager[] trustManagers) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trustManagers, null);
        return context;
    }

    private static KeyStore generate() throws IOException, GeneralSecurityException, InterruptedException {
        Path directory = Files.createTempDirectory("mallard-certificate");
        Path file = directory.resolve("server.p12");
        try {
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "server",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            "CN=localhost",
                            "-ext",
                            "SAN=ip:127.0.0.1,dns:localhost",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            PASSWORD,
                            "-keystore",
                            file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("keytool.log").toFile())
                    .start();
            if (!keytool.waitFor(30, TimeUnit.SECONDS)) {
                keytool.destroyForcibly();
                throw new IOException("keytool has not ended within 30 s");
            }
            if (keytool.exitValue() != 0) {
                throw new IOException("keytool: " + Files.readString(directory.resolve("keytool.log")));
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD.toCharArray());
            }
            return store;
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory.resolve("keytool.log"));
            Files.delete(directory);
        }
    }
}
