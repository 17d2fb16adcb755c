package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP answer: its status and headers (RFC 9112).
 *
 * <p>Threading: immutable.
 *
 * @param statusLine for people
 * @param headers by their names in lower case
 */
record HttpHead(int status, String statusLine, Map<String, String> headers) {
    private static final byte[] BEGINNING = "HTTP/1.".getBytes(US_ASCII);
    private static final Pattern STATUS_LINE = Pattern.compile("(?s)HTTP/1\\.[01] ([1-5][0-9][0-9])(?: .*)?");

    /** Reads a head and consumes it; null while it has not come in full. */
    static @Nullable HttpHead read(ByteBuffer from) throws IOException {
        for (int i = 0; i < Math.min(BEGINNING.length, from.remaining()); i++) {
            if (from.get(from.position() + i) != BEGINNING[i]) {
                // The first line alone: somebody may be sending back the request, and what comes later may be a secret.
                String line = text(from, from.limit()).split("[\r\n]", 2)[0];
                throw new IOException("that is no HTTP: \"" + Excerpt.of(line) + "\"");
            }
        }
        int end = endOf(from);
        return end < 0 ? null : parse(text(from, end).split("\r\n"));
    }

    /** Behind the empty line; -1 if there is none yet. */
    private static int endOf(ByteBuffer from) {
        for (int end = from.position() + 4; end <= from.limit(); end++) {
            if (from.getInt(end - 4) == 0x0d0a0d0a) {
                return end;
            }
        }
        return -1;
    }

    private static String text(ByteBuffer from, int end) {
        byte[] bytes = new byte[end - from.position()];
        from.get(bytes);
        return new String(bytes, ISO_8859_1);
    }

    private static HttpHead parse(String[] lines) throws IOException {
        Matcher status = STATUS_LINE.matcher(lines[0]);
        if (!status.matches()) {
            throw new IOException("no HTTP status: \"" + Excerpt.of(lines[0]) + "\"");
        }
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon <= 0) {
                throw new IOException("no HTTP header: \"" + Excerpt.of(lines[i]) + "\"");
            }
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, lines[i].substring(colon + 1).strip(), (one, other) -> one + ", " + other);
        }
        return new HttpHead(Integer.parseInt(status.group(1)), Excerpt.of(lines[0]), headers);
    }

    /** Several of that name are one list; empty if there is none. */
    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
}
