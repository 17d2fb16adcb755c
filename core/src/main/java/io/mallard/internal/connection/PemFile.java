package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Certificates, and at most one key, as text (RFC 7468): what servers and most tools have instead of a key store.
 *
 * <p>Threading: immutable.
 *
 * @param certificates in the order of the file; with a key, the first one is its own
 * @param key PKCS #8, or null
 */
record PemFile(List<Certificate> certificates, @Nullable PrivateKey key) {
    private static final String BEGIN = "-----BEGIN ";
    private static final Pattern BLOCK =
            Pattern.compile(BEGIN + "([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";

    PemFile {
        certificates = List.copyOf(certificates);
    }

    /** What is in the file, or null if it is no text of this kind. */
    static @Nullable PemFile read(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file, ISO_8859_1);
        return text.contains(BEGIN) ? parse(text) : null;
    }

    private static PemFile parse(String text) throws GeneralSecurityException {
        List<Certificate> certificates = new ArrayList<>();
        byte[] key = null;
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            String what = blocks.group(1);
            byte[] content = decode(blocks.group(2));
            if (what.equals(CERTIFICATE)) {
                certificates.add(
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content)));
            } else if (what.equals(KEY)) {
                key = content;
            } else if (what.endsWith(KEY)) {
                throw new GeneralSecurityException(what + " is not PKCS #8 without encryption (\"" + BEGIN + KEY
                        + "-----\"); openssl pkcs8 -topk8 -nocrypt makes that of it");
            } // Others, such as parameters of a curve, say nothing new.
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("there is no certificate in it");
        }
        return new PemFile(certificates, key == null ? null : privateKey(key, certificates.get(0)));
    }

    private static byte[] decode(String base64) throws GeneralSecurityException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("not Base64: " + e.getMessage(), e);
        }
    }

    private static PrivateKey privateKey(byte[] pkcs8, Certificate own) throws GeneralSecurityException {
        return KeyFactory.getInstance(own.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** The same as a store: all certificates as authorities, and the key with its own one and those behind that. */
    KeyStore toStore(char @Nullable [] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (key != null) {
            store.setKeyEntry("own", key, password, certificates.toArray(Certificate[]::new));
        }
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("authority-" + i, certificates.get(i));
        }
        return store;
    }
}
