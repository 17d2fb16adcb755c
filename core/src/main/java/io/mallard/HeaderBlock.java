package io.mallard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.Headers.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Headers as bytes: how they are written, and what is made of those that were received, whatever they are.
 *
 * <pre>
 *   NATS/1.0 [status [description]]␍␊
 *   name: value␍␊ …
 *   ␍␊
 * </pre>
 *
 * <p>Threading: one thread reads a block.
 */
final class HeaderBlock {
    private static final String VERSION = "NATS/1.0";
    private static final String LINE_END = "\r\n";
    private static final int STATUS_DIGITS = 3;

    private final String text;
    private int position;
    private final List<Entry> entries = new ArrayList<>();
    private int status;
    private String description = "";
    private boolean malformed;

    private HeaderBlock(String text) {
        this.text = text;
    }

    static byte[] encode(List<Entry> entries) {
        StringBuilder block = new StringBuilder(VERSION).append(LINE_END);
        for (Entry entry : entries) {
            block.append(entry.name()).append(": ").append(entry.value()).append(LINE_END);
        }
        return block.append(LINE_END).toString().getBytes(UTF_8);
    }

    /** What a received block says. It throws nothing, and what is no UTF-8 becomes U+FFFD. */
    static Headers read(byte[] block) {
        return block.length == 0 ? Headers.NONE : new HeaderBlock(new String(block, UTF_8)).read(block.length);
    }

    private Headers read(int blockBytes) {
        onVersion(nextLine());
        String line = nextLine();
        while (!line.isEmpty()) {
            onEntry(line);
            line = nextLine();
        }
        malformed |= hasMore(); // The empty line ends it.
        return new Headers(entries, status, description, malformed, blockBytes);
    }

    private boolean hasMore() {
        return position < text.length();
    }

    /** A peer may end it with a line feed alone, or forget it at the end of the block. */
    private String nextLine() {
        int lineFeed = text.indexOf('\n', position);
        int end = lineFeed < 0 ? text.length() : lineFeed;
        String line = text.substring(position, end);
        position = Math.min(end + 1, text.length());
        return lineFeed >= 0 && line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    private void onVersion(String line) {
        String said = line.startsWith(VERSION + " ") ? trim(line.substring(VERSION.length())) : "";
        if (startsWithStatus(said) && !hasCarriageReturn(said)) {
            status = Integer.parseInt(said.substring(0, STATUS_DIGITS));
            description = trim(said.substring(STATUS_DIGITS));
        } else {
            malformed = !trim(line).equals(VERSION);
        }
    }

    private static boolean startsWithStatus(String said) {
        return said.length() >= STATUS_DIGITS
                && said.chars().limit(STATUS_DIGITS).allMatch(character -> character >= '0' && character <= '9')
                && (said.length() == STATUS_DIGITS || said.charAt(STATUS_DIGITS) == ' ');
    }

    private void onEntry(String line) {
        int colon = line.indexOf(':');
        if (colon < 1
                || !line.chars().limit(colon).allMatch(Entry::isOfName)
                || hasCarriageReturn(line)) { // Others may take that for the end of the line.
            malformed = true;
        } else {
            entries.add(new Entry(line.substring(0, colon), line.substring(colon + 1)));
        }
    }

    private static boolean hasCarriageReturn(String line) {
        return line.indexOf('\r') >= 0;
    }

    /** Without the spaces and tabs at its ends. */
    static String trim(String value) {
        int begin = 0;
        int end = value.length();
        while (begin < end && isBlank(value.charAt(begin))) {
            begin++;
        }
        while (begin < end && isBlank(value.charAt(end - 1))) {
            end--;
        }
        return value.substring(begin, end);
    }

    private static boolean isBlank(char character) {
        return character == ' ' || character == '\t';
    }
}
