package io.mallard.it.support;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;

/**
 * A key of NATS with its seed, made here and now, by other code than the client's.
 *
 * <p>Threading: immutable.
 */
public final class NkeyPair {
    /** Whose key it is. */
    public enum Owner {
        OPERATOR(14),
        ACCOUNT(0),
        USER(20);

        private final int prefix;

        Owner(int letter) {
            this.prefix = letter << 3;
        }
    }

    private static final String ALGORITHM = "Ed25519";
    private static final int SEED_PREFIX = 18 << 3;
    private static final int KEY_BYTES = 32;
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final KeyPair pair;
    private final Owner owner;

    private NkeyPair(KeyPair pair, Owner owner) {
        this.pair = pair;
        this.owner = owner;
    }

    public static NkeyPair generate(Owner owner) {
        try {
            return new NkeyPair(KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair(), owner);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code O…}, {@code A…} or {@code U…}. */
    public String publicKey() {
        byte[] key = lastBytes(pair.getPublic().getEncoded());
        byte[] bytes = new byte[1 + KEY_BYTES];
        ByteBuffer.wrap(bytes).put((byte) owner.prefix).put(key);
        return text(bytes);
    }

    /** {@code SO…}, {@code SA…} or {@code SU…}. */
    public String seed() {
        byte[] key = lastBytes(pair.getPrivate().getEncoded());
        byte[] bytes = new byte[2 + KEY_BYTES];
        ByteBuffer.wrap(bytes)
                .put((byte) (SEED_PREFIX | (owner.prefix >> 5)))
                .put((byte) (owner.prefix << 3))
                .put(key);
        return text(bytes);
    }

    public byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(pair.getPrivate());
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] lastBytes(byte[] encoded) {
        return Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    }

    private static String text(byte[] key) {
        byte[] bytes = Arrays.copyOf(key, key.length + 2);
        int crc = 0;
        for (int bit = 0; bit < key.length * 8; bit++) {
            int top = ((crc >> 15) ^ (bytes[bit / 8] >> (7 - bit % 8))) & 1;
            crc = ((crc << 1) & 0xffff) ^ (top * 0x1021);
        }
        bytes[bytes.length - 2] = (byte) crc;
        bytes[bytes.length - 1] = (byte) (crc >> 8);
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < bytes.length * 8; bit += 5) {
            int value = 0;
            for (int i = bit; i < bit + 5; i++) {
                int next = i < bytes.length * 8 ? (bytes[i / 8] >> (7 - i % 8)) & 1 : 0;
                value = (value << 1) | next;
            }
            text.append(BASE32.charAt(value));
        }
        return text.toString();
    }
}
