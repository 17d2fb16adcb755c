package io.mallard.protocol.wire;

import org.jspecify.annotations.Nullable;

/**
 * The operations a server sends, recognised by their first four bytes read as one big-endian int.
 */
enum Op {
    MSG(3),
    HMSG(4),
    INFO(4),
    PING(4),
    PONG(4),
    OK(3),
    ERR(4);

    /** Clears the bit that tells lower from upper case in four letters; no other byte becomes a letter by it. */
    private static final int FOLD_4 = 0xdfdfdfdf;
    /** The same for three letters; the fourth byte is judged apart. */
    private static final int FOLD_3 = 0xdfdfdf00;
    /** The same for the letters behind a sign, which has no case. */
    private static final int FOLD_SIGN_2 = 0xffdfdf00;

    private static final int FOLD_SIGN_3 = 0xffdfdfdf;

    /** Length of the operation's name. */
    final int length;

    Op(int length) {
        this.length = length;
    }

    /** The operation that begins with these four bytes, in any case; null when there is none. */
    static @Nullable Op of(int word) {
        if ((word & FOLD_3) == ('M' << 24 | 'S' << 16 | 'G' << 8)) {
            return endsName((byte) word) ? MSG : null;
        }
        if ((word & FOLD_SIGN_2) == ('+' << 24 | 'O' << 16 | 'K' << 8)) {
            return endsName((byte) word) ? OK : null;
        }
        if ((word & FOLD_SIGN_3) == ('-' << 24 | 'E' << 16 | 'R' << 8 | 'R')) {
            return ERR;
        }
        return switch (word & FOLD_4) {
            case 'H' << 24 | 'M' << 16 | 'S' << 8 | 'G' -> HMSG;
            case 'I' << 24 | 'N' << 16 | 'F' << 8 | 'O' -> INFO;
            case 'P' << 24 | 'I' << 16 | 'N' << 8 | 'G' -> PING;
            case 'P' << 24 | 'O' << 16 | 'N' << 8 | 'G' -> PONG;
            default -> null;
        };
    }

    private static boolean endsName(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }
}
