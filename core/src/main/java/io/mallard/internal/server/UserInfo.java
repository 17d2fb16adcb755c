package io.mallard.internal.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The credentials in the URL of a server or proxy: user and password, or a token alone.
 *
 * <p>Threading: immutable.
 *
 * @param name the user; the token if there is no password
 */
public record UserInfo(String name, @Nullable String password) {
    /**
     * Reads what is before the last {@code @}; any character may be written as {@code %} and two hexadecimal digits.
     *
     * @return null if there is nothing
     * @throws IllegalArgumentException saying what is wrong with it, and not what it is
     */
    public static @Nullable UserInfo of(String url) {
        int end = url.lastIndexOf('@');
        int scheme = url.indexOf("://");
        int begin = scheme < 0 ? 0 : scheme + 3;
        if (end <= begin) {
            return null;
        }
        String text = url.substring(begin, end);
        int colon = text.indexOf(':');
        return colon < 0
                ? new UserInfo(decoded(text), null)
                : new UserInfo(decoded(text.substring(0, colon)), decoded(text.substring(colon + 1)));
    }

    private static String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] encoded = text.getBytes(UTF_8);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] != '%') {
                bytes.write(encoded[i]);
                continue;
            }
            int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
            int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException(
                        "in the credentials of a URL two hexadecimal digits must follow a %; % itself is %25");
            }
            bytes.write((high << 4) | low);
            i += 2;
        }
        return bytes.toString(UTF_8);
    }

    /** Says of what kind they are, and no secret. */
    @Override
    public String toString() {
        return password == null ? "token ***" : "user " + name + ", password ***";
    }
}
