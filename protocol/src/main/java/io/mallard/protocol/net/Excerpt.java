package io.mallard.protocol.net;

/**
 * What the other side has said, so that it stays within one line of a log, and a short one.
 *
 * <p>Threading: stateless.
 */
final class Excerpt {
    private static final int MAX_CHARS = 123; // The reason in a CLOSE frame is no longer.

    private Excerpt() {}

    static String of(String text) {
        String beginning = text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
        return beginning.replaceAll("[^ -~]", "?");
    }
}
