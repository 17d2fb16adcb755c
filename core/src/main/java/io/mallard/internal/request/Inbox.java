package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.protocol.wire.MessageView;
import java.util.random.RandomGenerator;

/**
 * Where the replies of one client arrive: {@code <inboxPrefix>.<unique>.<token>}, one subscription for all requests.
 *
 * <p>Threading: immutable.
 */
public final class Inbox {
    /** The subscription id of the inbox on every connection. */
    public static final long SID = 1;

    /** What {@link #token} says of a subject that is none of ours. */
    static final long NO_TOKEN = -1;

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /** As many as other clients use: 62^22 is more than 2^130. */
    private static final int UNIQUE_CHARS = 22;

    static final int MAX_TOKEN_DIGITS = 18;

    private final byte[] prefix;

    /**
     * @param root the tokens it begins with
     * @param random must be unpredictable: whoever guesses an inbox can answer in somebody else's name
     */
    public Inbox(String root, RandomGenerator random) {
        StringBuilder unique = new StringBuilder(root).append('.');
        for (int i = 0; i < UNIQUE_CHARS; i++) {
            unique.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        prefix = unique.append('.').toString().getBytes(UTF_8);
    }

    /** What every reply subject begins with; not to be written to. */
    byte[] prefix() {
        return prefix;
    }

    /** What to subscribe to. */
    public String wildcard() {
        return new String(prefix, UTF_8) + "*";
    }

    /** Where a message with that token arrives. */
    public String subject(long token) {
        return new String(prefix, UTF_8) + token;
    }

    /** As {@link #subject}, for whoever may never look at it. */
    CharSequence lazySubject(long token) {
        return new LazySubject(this, token);
    }

    /** The token at the end of a reply's subject, or {@link #NO_TOKEN}. */
    public long token(MessageView reply) {
        int digits = reply.subjectLength() - prefix.length;
        if (digits < 1 || digits > MAX_TOKEN_DIGITS) {
            return NO_TOKEN;
        }
        long token = 0;
        for (int i = prefix.length; i < reply.subjectLength(); i++) {
            int digit = reply.subjectByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return NO_TOKEN;
            }
            token = 10 * token + digit;
        }
        return token;
    }

    /** The subject of a reply until somebody wants to read it. */
    private record LazySubject(Inbox inbox, long token) implements CharSequence {
        @Override
        public String toString() {
            return inbox.subject(token);
        }

        @Override
        public int length() {
            return toString().length();
        }

        @Override
        public char charAt(int index) {
            return toString().charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return toString().subSequence(start, end);
        }
    }
}
