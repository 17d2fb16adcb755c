package io.mallard.internal.connection;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server does not let its user do, read from its words.
 *
 * <p>Threading: immutable.
 *
 * @param ofSubscription whether it is about a subscription; otherwise about a publish
 * @param subject of either
 * @param queue the group of a subscription; null for none
 * @param sid of a subscription that was permitted until now; 0 if it is not said
 */
public record PermissionViolation(
        boolean ofSubscription, String subject, @Nullable String queue, long sid) {
    /** In the words of nats-server's client.go, and of its reload for a permission that is withdrawn. */
    private static final Pattern WORDS = Pattern.compile(
            "permissions violation for (subscription|publish) (?:to|with reply of) \"", Pattern.CASE_INSENSITIVE);

    private static final String QUEUE = " using queue \"";
    private static final Pattern SID = Pattern.compile(".*\\(sid \"?(\\d{1,18})\"?\\).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    /** Null if a server says something else by these words. */
    public static @Nullable PermissionViolation in(String text) {
        Matcher words = WORDS.matcher(text);
        int subjectEnd = words.lookingAt() ? closingQuote(text, words.end()) : -1;
        if (subjectEnd < 0) {
            return null;
        }
        int rest = subjectEnd + 1;
        int queueBegin = rest + QUEUE.length();
        int queueEnd = text.regionMatches(true, rest, QUEUE, 0, QUEUE.length()) ? closingQuote(text, queueBegin) : -1;
        Matcher sid = SID.matcher(text.substring(queueEnd < 0 ? rest : queueEnd + 1));
        return new PermissionViolation(
                words.group(1).equalsIgnoreCase("subscription"),
                plain(text.substring(words.end(), subjectEnd)),
                queueEnd < 0 ? null : plain(text.substring(queueBegin, queueEnd)),
                sid.matches() ? Long.parseLong(sid.group(1)) : 0);
    }

    /** Step by step: a pattern would recurse with every character, as many as a server likes. */
    private static int closingQuote(String text, int begin) {
        for (int i = begin; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '"' -> {
                    return i;
                }
                default -> {}
            }
        }
        return -1;
    }

    private static String plain(String quoted) {
        return ESCAPE.matcher(quoted).replaceAll("$1");
    }
}
