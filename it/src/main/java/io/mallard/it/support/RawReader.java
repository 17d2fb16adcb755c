package io.mallard.it.support;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads control lines and messages from a blocking stream. Deliberately plain: it judges a codec, so it shares no idea with it.
 *
 * <p>Threading: one thread reads.
 */
final class RawReader {
    /** An INFO of a large cluster is the longest line there is. */
    private static final int MAX_LINE_BYTES = 1 << 20;

    private static final Pattern SPACES = Pattern.compile("[ \\t]+");

    private final InputStream in;
    private byte[] line = new byte[4096];

    RawReader(InputStream in) {
        this.in = in;
    }

    /** The next line without its end. */
    String readLine() throws IOException {
        int length = 0;
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException(
                        length == 0 ? "EOF" : "EOF within " + new String(line, 0, length, StandardCharsets.UTF_8));
            }
            if (next == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                return new String(line, 0, end, StandardCharsets.UTF_8);
            }
            if (length == line.length) {
                if (length == MAX_LINE_BYTES) {
                    throw new IOException("a line longer than " + MAX_LINE_BYTES + " bytes");
                }
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) next;
        }
    }

    /** The message that a control line announces, or null if the line is none of MSG and HMSG. */
    @Nullable
    RawMessage readMessage(String control) throws IOException {
        if (control.startsWith("MSG ")) {
            return readMessage(List.of(SPACES.split(control, -1)), 1);
        }
        if (control.startsWith("HMSG ")) {
            return readMessage(List.of(SPACES.split(control, -1)), 2);
        }
        return null;
    }

    // MSG <subject> <sid> [reply-to] <#bytes>        HMSG <subject> <sid> [reply-to] <#header bytes> <#total bytes>
    private RawMessage readMessage(List<String> words, int sizes) throws IOException {
        int count = words.size();
        boolean hasReply = count == 4 + sizes;
        if (!hasReply && count != 3 + sizes) {
            throw new IOException("not a message: " + words);
        }
        int total = Integer.parseInt(words.get(count - 1));
        int headerBytes = sizes == 2 ? Integer.parseInt(words.get(count - 2)) : 0;
        byte[] body = in.readNBytes(total);
        if (body.length < total || in.read() != '\r' || in.read() != '\n') {
            throw new EOFException("EOF or no line end after " + body.length + " of " + total + " bytes of " + words);
        }
        return new RawMessage(
                Long.parseLong(words.get(2)),
                words.get(1),
                hasReply ? words.get(3) : null,
                status(new String(body, 0, headerBytes, StandardCharsets.UTF_8)),
                Arrays.copyOf(body, headerBytes),
                Arrays.copyOfRange(body, headerBytes, total),
                System.nanoTime());
    }

    // NATS/1.0 503 No Responders
    private static int status(String header) {
        String firstLine = header.lines().findFirst().orElse("");
        List<String> words = List.of(SPACES.split(firstLine, -1));
        return words.size() > 1 ? Integer.parseInt(words.get(1)) : 0;
    }
}
