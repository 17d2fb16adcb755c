package io.mallard.protocol.wire;

/**
 * The rules for subjects and queue names that a client must keep so that one command stays one command.
 *
 * <p>Every check returns the length in UTF-8 bytes and throws an {@link IllegalArgumentException} that says what is
 * wrong and where.
 */
public final class Subjects {
    private Subjects() {}

    /** A subject or reply subject to publish to: tokens without wildcards. */
    public static int checkPublish(String subject) {
        return check(subject, false);
    }

    /** A subject to subscribe to: {@code *} may stand for a token, {@code >} for all that remain. */
    public static int checkSubscribe(String subject) {
        return check(subject, true);
    }

    /** A queue group name: anything without white space, dots and wildcards included. */
    public static int checkQueue(String queue) {
        if (queue.isEmpty()) {
            throw new IllegalArgumentException("queue name is empty");
        }
        for (int i = 0; i < queue.length(); i++) {
            if (isSpaceOrControl(queue.charAt(i))) {
                throw refused("queue name", queue, "white space or control character", i);
            }
        }
        return Utf8.length(queue);
    }

    private static int check(String subject, boolean wildcards) {
        int length = subject.length();
        if (length == 0) {
            throw new IllegalArgumentException("subject is empty");
        }
        boolean ascii = true;
        int tokenStart = 0;
        for (int i = 0; i < length; i++) {
            char c = subject.charAt(i);
            if (c == '.') {
                checkToken(subject, tokenStart, i, wildcards);
                tokenStart = i + 1;
            } else if (isSpaceOrControl(c)) {
                throw refused("subject", subject, "white space or control character", i);
            } else if (c >= 0x80) {
                ascii = false;
            }
        }
        checkToken(subject, tokenStart, length, wildcards);
        return ascii ? length : Utf8.length(subject);
    }

    private static void checkToken(String subject, int start, int end, boolean wildcards) {
        if (end - start > 1) {
            return;
        }
        if (start == end) {
            throw refused("subject", subject, "empty token", start);
        }
        char only = subject.charAt(start);
        if (only != '*' && only != '>') {
            return;
        }
        if (!wildcards) {
            throw refused("subject", subject, "wildcard, not allowed in publish,", start);
        }
        if (only == '>' && end < subject.length()) {
            throw refused("subject", subject, "'>' before the last token", start);
        }
    }

    private static boolean isSpaceOrControl(char c) {
        return c <= ' ' || c == 0x7f;
    }

    private static IllegalArgumentException refused(String kind, String text, String what, int index) {
        return new IllegalArgumentException(kind + " " + Json.quote(text) + ": " + what + " at index " + index);
    }
}
