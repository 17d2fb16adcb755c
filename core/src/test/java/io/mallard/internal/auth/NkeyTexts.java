package io.mallard.internal.auth;

import java.math.BigInteger;

/** Seeds of anybody, written down in another way than the client has it. */
final class NkeyTexts {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private NkeyTexts() {}

    /** Of a user, an account (0) or an operator (112); {@code whose} is the prefix of the public key. */
    static char[] seed(int whose, byte[] key) {
        int prefix = (18 << 11) | (whose << 3);
        BigInteger number = BigInteger.valueOf(prefix).shiftLeft(256).or(new BigInteger(1, key));
        byte[] bytes = new byte[34];
        byte[] significant = number.toByteArray();
        System.arraycopy(significant, significant.length - 34, bytes, 0, 34);
        int remainder = 0;
        for (int bit = 0; bit < bytes.length * 8 + 16; bit++) {
            int next = bit < bytes.length * 8 ? (bytes[bit / 8] >> (7 - bit % 8)) & 1 : 0;
            int shifted = (remainder << 1) | next;
            remainder = (shifted & 0x10000) == 0 ? shifted : (shifted ^ 0x11021) & 0xffff;
        }
        int lowByteFirst = ((remainder & 0xff) << 8) | (remainder >> 8);
        BigInteger all =
                number.shiftLeft(16).or(BigInteger.valueOf(lowByteFirst)).shiftLeft(2);
        char[] text = new char[58];
        for (int i = text.length - 1; i >= 0; i--) {
            text[i] = ALPHABET.charAt(all.intValue() & 31);
            all = all.shiftRight(5);
        }
        return text;
    }
}
