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
    private static final String QUOTED = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    /** In the words of nats-server's client.go, and of its reload for a permission that is withdrawn. */
    private static final Pattern WORDS = Pattern.compile(
            "permissions violation for (subscription|publish) (?:to|with reply of) " + QUOTED + "(?: using queue "
                    + QUOTED + ")?(?:.*\\(sid \"?(\\d{1,18})\"?\\))?.*",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    /** Null if a server says something else by these words. */
    public static @Nullable PermissionViolation in(String text) {
        Matcher words = WORDS.matcher(text);
        if (!words.matches()) {
            return null;
        }
        String queue = words.group(3);
        return new PermissionViolation(
                words.group(1).equalsIgnoreCase("subscription"),
                plain(words.group(2)),
                queue == null ? null : plain(queue),
                words.group(4) == null ? 0 : Long.parseLong(words.group(4)));
    }

    private static String plain(String quoted) {
        return ESCAPE.matcher(quoted).replaceAll("$1");
    }
}
