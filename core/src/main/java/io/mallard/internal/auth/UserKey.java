package io.mallard.internal.auth;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/**
 * The Ed25519 key of a user, which signs what a server wants signed, by the JDK.
 *
 * <p>The seed is wiped by {@link #close}; what the JDK has copied of it, its garbage collector has to take.
 *
 * <p>Threading: one thread.
 */
final class UserKey implements AutoCloseable {
    private static final String ALGORITHM = "Ed25519";
    /** What precedes the 32 bytes in PKCS#8: SEQUENCE, version 0, the object identifier of Ed25519, two OCTET STRINGs. */
    private static final byte[] PKCS8_PREFIX = {
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20
    };

    private final byte[] seed;

    /**
     * @param seed {@code SU…}
     * @throws IllegalArgumentException when it is none
     */
    UserKey(char[] seed) {
        this.seed = Nkey.decodeUserSeed(seed);
    }

    byte[] sign(byte[] nonce) throws GeneralSecurityException {
        return sign(privateKey(), nonce);
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + Nkey.KEY_BYTES);
        System.arraycopy(seed, 0, encoded, PKCS8_PREFIX.length, Nkey.KEY_BYTES);
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePrivate(spec);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static byte[] sign(PrivateKey key, byte[] bytes) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(ALGORITHM);
        signer.initSign(key);
        signer.update(bytes);
        return signer.sign();
    }

    /**
     * {@code U…}. The JDK tells the public key of a private one only when it makes both: so it makes them of the seed
     * instead of random bytes. Whether the two do belong together is tried out.
     */
    String publicKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(new NamedParameterSpec(ALGORITHM), new SeedAsRandom(seed));
        KeyPair pair = generator.generateKeyPair();
        if (!belongTogether(privateKey(), pair.getPublic())) {
            throw new GeneralSecurityException(
                    "this Java runtime does not tell the public key of a seed; use a JWT, which contains it");
        }
        byte[] encoded = pair.getPublic().getEncoded(); // X.509: a prefix, and the key.
        return Nkey.encodeUserKey(Arrays.copyOfRange(encoded, encoded.length - Nkey.KEY_BYTES, encoded.length));
    }

    private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        byte[] anything = {1};
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(publicKey);
        verifier.update(anything);
        return verifier.verify(sign(privateKey, anything));
    }

    @Override
    public void close() {
        Arrays.fill(seed, (byte) 0);
    }

    /** No random at all. */
    private static final class SeedAsRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient byte[] seed;

        SeedAsRandom(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
        }
    }
}
