package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Authorities and certificates, made by the JDK's keytool, in files as servers and clients want them.
 *
 * <p>Threading: owned by one thread.
 */
public final class Certificates {
    public static final String PASSWORD = "not-a-secret";
    private static final Duration KEYTOOL_TIMEOUT = Duration.ofSeconds(30);
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final Path directory;

    /** Files go into the directory, which the caller deletes. */
    public Certificates(Path directory) {
        this.directory = directory;
    }

    public Certificates authority(String name) {
        return keytool(name, "-ext", "bc:c");
    }

    /** A certificate for what the names say, {@code dns:localhost,ip:127.0.0.1}. */
    public Certificates issue(String name, String authority, String names) {
        return keytool(name, "-signer", authority, "-ext", "SAN=" + names);
    }

    /** As {@link #issue}, valid until yesterday. */
    public Certificates issueExpired(String name, String authority, String names) {
        return keytool(name, "-signer", authority, "-ext", "SAN=" + names, "-startdate", "-3d", "-validity", "2");
    }

    private Certificates keytool(String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                all().toString(),
                "-alias",
                name,
                "-dname",
                "CN=" + name));
        command.addAll(List.of(arguments));
        ExternalProcess.run(KEYTOOL_TIMEOUT, command);
        return this;
    }

    private Path all() {
        return directory.resolve("all.p12");
    }

    private KeyStore loaded() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(all())) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** What a server needs to show this certificate. */
    public ServerTls server(String name) throws IOException, GeneralSecurityException {
        byte[] key = loaded().getKey(name, PASSWORD.toCharArray()).getEncoded();
        return new ServerTls(pem(name), write(name + ".key", "PRIVATE KEY", key));
    }

    /** A certificate alone, for a server. */
    public Path pem(String name) throws IOException, GeneralSecurityException {
        return write(name + ".pem", "CERTIFICATE", loaded().getCertificate(name).getEncoded());
    }

    private Path write(String file, String what, byte[] der) throws IOException {
        String text = "-----BEGIN " + what + "-----\n" + PEM.encodeToString(der) + "\n-----END " + what + "-----\n";
        return Files.write(directory.resolve(file), text.getBytes(US_ASCII));
    }

    /** A trust store with one authority. */
    public Path trust(String authority) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setCertificateEntry(authority, loaded().getCertificate(authority));
        return save(store, "trust-" + authority);
    }

    /** A key store with one certificate and its key. */
    public Path identity(String name) throws IOException, GeneralSecurityException {
        KeyStore all = loaded();
        Certificate[] chain = all.getCertificateChain(name);
        KeyStore store = empty();
        store.setKeyEntry(name, all.getKey(name, PASSWORD.toCharArray()), PASSWORD.toCharArray(), chain);
        return save(store, "identity-" + name);
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private Path save(KeyStore store, String name) throws IOException, GeneralSecurityException {
        Path file = directory.resolve(name + ".p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** Of one who shows a certificate, and trusts an authority. */
    public SSLContext context(String name, String authority) throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        trusted.setCertificateEntry(authority, loaded().getCertificate(authority));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = empty();
        own.setKeyEntry(
                name,
                loaded().getKey(name, PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                loaded().getCertificateChain(name));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
