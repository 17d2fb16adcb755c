package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * As much JSON as INFO and CONNECT need: a strict RFC 8259 reader into maps, lists, strings, {@code Long},
 * {@code Double}, {@code Boolean} and null, and a string writer.
 *
 * <p>Of duplicate keys the last wins. Integers beyond {@code Long} become {@code Double}. Unpaired surrogate escapes,
 * which RFC 8259 leaves to the implementation, are refused.
 *
 * <p>Threading: an instance reads one text on one thread.
 */
final class Json {
    /** INFO is two levels deep; this many keep the recursion far from the end of any stack. */
    private static final int MAX_DEPTH = 32;
    /** What {@link #peek} returns behind the last byte. */
    private static final int END = -1;

    private final byte[] bytes;
    private final int from;
    private final int end;
    private final long streamOffset;
    private int position;

    private Json(byte[] bytes, int from, int length, long streamOffset) {
        this.bytes = bytes;
        this.from = from;
        this.end = from + length;
        this.streamOffset = streamOffset;
        this.position = from;
    }

    /** Reads a text that must be one object; {@code streamOffset} is the stream position of its first byte. */
    static Map<String, @Nullable Object> readObject(byte[] bytes, int from, int length, long streamOffset)
            throws ProtocolException {
        Json json = new Json(bytes, from, length, streamOffset);
        json.skipWhitespace();
        if (json.peek() != '{') {
            throw json.refused("expected an object");
        }
        Map<String, @Nullable Object> object = json.readMembers(1);
        json.skipWhitespace();
        if (json.position < json.end) {
            throw json.refused("trailing bytes after the object");
        }
        return object;
    }

    /** The text as a JSON string, quotes included; anything above ASCII is left as it is. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                quoted.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xf, 16));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private @Nullable Object readValue(int depth) throws ProtocolException {
        skipWhitespace();
        int first = peek();
        return switch (first) {
            case '{' -> readMembers(deeper(depth));
            case '[' -> readElements(deeper(depth));
            case '"' -> readString();
            case 't' -> readWord("true", true);
            case 'f' -> readWord("false", false);
            case 'n' -> readWord("null", null);
            default -> {
                if (first != '-' && !isDigit(first)) {
                    throw refused("expected a value");
                }
                yield readNumber();
            }
        };
    }

    private int deeper(int depth) throws ProtocolException {
        if (depth == MAX_DEPTH) {
            throw refused("nested deeper than " + MAX_DEPTH + " levels");
        }
        return depth + 1;
    }

    private Map<String, @Nullable Object> readMembers(int depth) throws ProtocolException {
        Map<String, @Nullable Object> members = new HashMap<>();
        position++;
        skipWhitespace();
        if (consumeIf('}')) {
            return members;
        }
        do {
            skipWhitespace();
            if (peek() != '"') {
                throw refused("expected a member name");
            }
            String name = readString();
            skipWhitespace();
            consume(':');
            members.put(name, readValue(depth));
            skipWhitespace();
        } while (consumeIf(','));
        consume('}');
        return members;
    }

    private List<@Nullable Object> readElements(int depth) throws ProtocolException {
        List<@Nullable Object> elements = new ArrayList<>();
        position++;
        skipWhitespace();
        if (consumeIf(']')) {
            return elements;
        }
        do {
            elements.add(readValue(depth));
            skipWhitespace();
        } while (consumeIf(','));
        consume(']');
        return elements;
    }

    private @Nullable Boolean readWord(String word, @Nullable Boolean value) throws ProtocolException {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw refused("expected " + word);
            }
            position++;
        }
        return value;
    }

    private Number readNumber() throws ProtocolException {
        int start = position;
        boolean negative = consumeIf('-');
        int digits = position;
        if (!consumeIf('0')) {
            skipDigits();
        }
        boolean integer = true;
        if (consumeIf('.')) {
            integer = false;
            skipDigits();
        }
        if (consumeIf('e') || consumeIf('E')) {
            integer = false;
            if (!consumeIf('+')) {
                consumeIf('-');
            }
            skipDigits();
        }
        long magnitude = integer ? Ascii.parseDecimal(bytes, digits, position) : -1;
        if (magnitude >= 0) {
            return negative ? -magnitude : magnitude;
        }
        return Double.valueOf(new String(bytes, start, position - start, US_ASCII));
    }

    private void skipDigits() throws ProtocolException {
        if (!isDigit(peek())) {
            throw refused("expected a digit");
        }
        while (isDigit(peek())) {
            position++;
        }
    }

    private String readString() throws ProtocolException {
        StringBuilder text = new StringBuilder();
        position++;
        int runStart = position;
        while (true) {
            int b = peek();
            if (b == '"' || b == '\\') {
                appendUtf8(text, runStart);
                position++;
                if (b == '"') {
                    return text.toString();
                }
                readEscape(text);
                runStart = position;
            } else if (b < ' ') {
                throw refused(b == END ? "unterminated string" : "control character in a string");
            } else {
                position++;
            }
        }
    }

    private void appendUtf8(StringBuilder text, int runStart) throws ProtocolException {
        try {
            text.append(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, runStart, position - runStart)));
        } catch (CharacterCodingException e) {
            ProtocolException refused = refused("string is not UTF-8");
            refused.initCause(e);
            throw refused;
        }
    }

    private void readEscape(StringBuilder text) throws ProtocolException {
        int escape = peek();
        position++;
        switch (escape) {
            case '"', '\\', '/' -> text.append((char) escape);
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'u' -> readUnicodeEscape(text);
            default -> {
                position--;
                throw refused("unknown escape in a string");
            }
        }
    }

    private void readUnicodeEscape(StringBuilder text) throws ProtocolException {
        char unit = readHex4();
        text.append(unit);
        if (Character.isHighSurrogate(unit)) {
            consume('\\');
            consume('u');
            char low = readHex4();
            if (!Character.isLowSurrogate(low)) {
                throw refused("unpaired surrogate");
            }
            text.append(low);
        } else if (Character.isLowSurrogate(unit)) {
            throw refused("unpaired surrogate");
        }
    }

    private char readHex4() throws ProtocolException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int b = peek();
            int digit = b < 0x80 ? Character.digit(b, 16) : -1;
            if (digit < 0) {
                throw refused("expected four hexadecimal digits");
            }
            unit = unit << 4 | digit;
            position++;
        }
        return (char) unit;
    }

    private int peek() {
        return position < end ? bytes[position] & 0xff : END;
    }

    private boolean consumeIf(char expected) {
        if (peek() != expected) {
            return false;
        }
        position++;
        return true;
    }

    private void consume(char expected) throws ProtocolException {
        if (!consumeIf(expected)) {
            throw refused("expected '" + expected + "'");
        }
    }

    private void skipWhitespace() {
        for (int b = peek(); b == ' ' || b == '\t' || b == '\r' || b == '\n'; b = peek()) {
            position++;
        }
    }

    private static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }

    private ProtocolException refused(String what) {
        String message = position < end ? "JSON: " + what : "JSON: " + what + ", text ends";
        return new ProtocolException(message, streamOffset + (position - from), bytes, position, end);
    }
}
