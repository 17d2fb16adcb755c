package io.mallard.internal.auth;

import java.util.Arrays;

/**
 * The text form of a key of NATS: a prefix that says what it is, its 32 bytes and a CRC-16, in base32 without padding.
 *
 * <pre>
 *   seed    2 bytes: 5 bits "seed", 5 bits whose, 6 bits 0 | 32 bytes | CRC, low byte first    58 characters, SU… of a user
 *   public  1 byte:  5 bits whose, 3 bits 0                | 32 bytes | CRC, low byte first    56 characters, U… of a user
 * </pre>
 *
 * <p>Threading: pure functions. What they are given and return is the caller's to wipe.
 */
public final class Nkey {
    static final int KEY_BYTES = 32;

    private static final int SEED = 18 << 3;
    private static final int USER = 20 << 3;
    private static final int SEED_PREFIX_BYTES = 2;
    private static final int PUBLIC_PREFIX_BYTES = 1;
    private static final int CRC_BYTES = 2;
    private static final int SEED_CHARS = 58;
    /** Those bits of the last character that 36 bytes leave over, always 0. */
    private static final int SEED_BITS_LEFT = 3;

    private static final int CRC_POLYNOMIAL = 0x1021;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Nkey() {}

    /**
     * The 32 bytes of the seed of a user.
     *
     * @throws IllegalArgumentException saying what is wrong with it, and not what it is
     */
    public static byte[] decodeUserSeed(char[] text) {
        if (text.length != SEED_CHARS) {
            throw new IllegalArgumentException(
                    "a seed of " + text.length + " characters, must be " + SEED_CHARS + ", beginning with SU");
        }
        byte[] bytes = decode(text);
        try {
            int keyEnd = SEED_PREFIX_BYTES + KEY_BYTES;
            int crc = (bytes[keyEnd] & 0xff) | ((bytes[keyEnd + 1] & 0xff) << 8);
            boolean hasBitsLeft = (ALPHABET.indexOf(text[SEED_CHARS - 1]) & SEED_BITS_LEFT) != 0;
            if (crc != crc16(bytes, keyEnd) || hasBitsLeft) {
                throw new IllegalArgumentException("a seed with a wrong checksum: a character of it is not right");
            }
            int whose = ((bytes[0] & 7) << 5) | ((bytes[1] & 0xff) >> 3);
            if ((bytes[0] & 0xf8) != SEED || whose != USER) {
                throw new IllegalArgumentException("not the seed of a user, which begins with SU");
            }
            return Arrays.copyOfRange(bytes, SEED_PREFIX_BYTES, keyEnd);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** The text form of the public key of a user. */
    static String encodeUserKey(byte[] publicKey) {
        int keyEnd = PUBLIC_PREFIX_BYTES + KEY_BYTES;
        byte[] bytes = new byte[keyEnd + CRC_BYTES];
        bytes[0] = (byte) USER;
        System.arraycopy(publicKey, 0, bytes, PUBLIC_PREFIX_BYTES, KEY_BYTES);
        int crc = crc16(bytes, keyEnd);
        bytes[keyEnd] = (byte) crc;
        bytes[keyEnd + 1] = (byte) (crc >> 8);
        return encode(bytes);
    }

    /** CRC-16 of XMODEM. */
    private static int crc16(byte[] bytes, int end) {
        int crc = 0;
        for (int i = 0; i < end; i++) {
            crc ^= (bytes[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ CRC_POLYNOMIAL;
            }
        }
        return crc & 0xffff;
    }

    // Base32     https://www.rfc-editor.org/rfc/rfc4648#section-6
    private static byte[] decode(char[] text) {
        byte[] bytes = new byte[text.length * 5 / 8];
        int bits = 0;
        int bitCount = 0;
        int length = 0;
        for (int i = 0; i < text.length; i++) {
            int value = ALPHABET.indexOf(text[i]);
            if (value < 0) {
                Arrays.fill(bytes, (byte) 0);
                throw new IllegalArgumentException(
                        "a seed whose character " + (i + 1) + " is none of A to Z and 2 to 7");
            }
            bits = (bits << 5) | value;
            bitCount += 5;
            if (bitCount >= 8) {
                bitCount -= 8;
                bytes[length++] = (byte) (bits >> bitCount);
            }
        }
        return bytes;
    }

    private static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int bitCount = 0;
        for (byte b : bytes) {
            bits = (bits << 8) | (b & 0xff);
            bitCount += 8;
            while (bitCount >= 5) {
                bitCount -= 5;
                text.append(ALPHABET.charAt((bits >> bitCount) & 31));
            }
        }
        if (bitCount > 0) {
            text.append(ALPHABET.charAt((bits << (5 - bitCount)) & 31));
        }
        return text.toString();
    }
}
