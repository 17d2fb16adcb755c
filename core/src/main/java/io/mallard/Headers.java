package io.mallard;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a message says beside its payload: names and values, in their order, and as often as they were given.
 *
 * <pre>{@code
 * Headers headers = Headers.of("Trace-Id", "7f3a").with("Accept", "text").with("Accept", "json");
 * headers.first("Trace-Id");        // 7f3a
 * headers.all("Accept");            // [text, json]
 * headers.first("accept");          // null: case counts
 * headers.firstIgnoreCase("accept") // text
 * }</pre>
 *
 * <p>Names and values go out as they are given, those of non-ASCII characters in UTF-8, which not every client reads.
 *
 * <p>What comes in is the peer's, and no exception: a line that could not be sent like this, for want of a colon or of a
 * proper name, is left out, {@link #isMalformed()} says so, and the others are there.
 *
 * <p>Threading: immutable.
 */
public final class Headers {
    /** No headers. */
    public static final Headers NONE = new Headers(List.of());

    private final List<Entry> entries;
    private final int status;
    private final String description;
    private final boolean malformed;
    private final int receivedBytes;
    /** What goes out, once somebody has sent it. Who comes at the same time makes it again. */
    private volatile byte @Nullable [] block;

    private Headers(List<Entry> entries) {
        this(entries, 0, "", false, 0);
    }

    /** As they came, in a block of that size. */
    Headers(List<Entry> entries, int status, String description, boolean malformed, int receivedBytes) {
        this.entries = List.copyOf(entries);
        this.status = status;
        this.description = description;
        this.malformed = malformed;
        this.receivedBytes = receivedBytes;
    }

    /**
     * One header.
     *
     * @param name printable ASCII without spaces and colons; its case is kept
     * @param value one line; spaces and tabs at its ends are no part of it
     */
    public record Entry(String name, String value) {
        /** Refuses what would not arrive as it is, or as something else, as INVALID_ARG. */
        public Entry {
            if (name.isEmpty()) {
                throw new NatsException(NatsStatus.INVALID_ARG, "a header must have a name");
            }
            for (int i = 0; i < name.length(); i++) {
                if (!isOfName(name.charAt(i))) {
                    throw new NatsException(
                            NatsStatus.INVALID_ARG,
                            "header name has " + code(name.charAt(i)) + " at index " + i
                                    + ", must be printable ASCII without spaces and colons");
                }
            }
            for (int i = 0; i < value.length(); i++) {
                if (isLineEnd(value.charAt(i))) {
                    throw new NatsException(
                            NatsStatus.INVALID_ARG,
                            "value of header \"" + name + "\" has " + code(value.charAt(i)) + " at index " + i
                                    + ", must be one line");
                }
            }
            value = HeaderBlock.trim(value);
        }

        static boolean isOfName(int character) {
            return character > ' ' && character <= '~' && character != ':';
        }

        private static boolean isLineEnd(char character) {
            return character == '\r' || character == '\n';
        }

        private static String code(char character) {
            return String.format("U+%04X", (int) character);
        }
    }

    /**
     * A single header to begin with.
     *
     * @param name its name: printable ASCII without spaces and colons
     * @param value its value: one line; spaces and tabs at its ends are no part of it
     * @return the headers
     * @throws NatsException INVALID_ARG when name or value cannot be sent
     */
    public static Headers of(String name, String value) {
        return NONE.with(name, value);
    }

    /**
     * The same, to be sent, and one more at the end, whether there is one of that name or not.
     *
     * @param name its name
     * @param value its value
     * @return the headers with that
     * @throws NatsException INVALID_ARG as {@link #of}
     */
    public Headers with(String name, String value) {
        List<Entry> more = new ArrayList<>(entries);
        more.add(new Entry(name, value));
        return new Headers(more);
    }

    /**
     * The same, to be sent, without those of a name.
     *
     * @param name exactly that
     * @return the others
     */
    public Headers without(String name) {
        return new Headers(
                entries.stream().filter(entry -> !entry.name.equals(name)).toList());
    }

    /**
     * All there are.
     *
     * @return in their order
     */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * Whether there is none.
     *
     * @return true for none, whatever the {@link #status()}
     */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * The value of the first one of a name.
     *
     * @param name exactly that
     * @return the value, which may be empty; null when there is none of that name
     */
    public @Nullable String first(String name) {
        return first(all(name));
    }

    /**
     * The values of a name.
     *
     * @param name exactly that
     * @return in their order; empty when there is none
     */
    public List<String> all(String name) {
        return values(name::equals);
    }

    /**
     * The value of the first one of a name, however that is written.
     *
     * @param name in whatever case
     * @return the value; null when there is none
     */
    public @Nullable String firstIgnoreCase(String name) {
        return first(allIgnoreCase(name));
    }

    /**
     * The values of a name, however that is written.
     *
     * @param name in whatever case
     * @return in their order; empty when there is none
     */
    public List<String> allIgnoreCase(String name) {
        return values(name::equalsIgnoreCase);
    }

    private static @Nullable String first(List<String> values) {
        return values.isEmpty() ? null : values.get(0);
    }

    private List<String> values(Predicate<String> name) {
        return entries.stream()
                .filter(entry -> name.test(entry.name))
                .map(Entry::value)
                .toList();
    }

    /**
     * The status that came with the message, such as 503 when a server says that nobody listens. It is not sent on.
     *
     * @return the number; 0 for a usual message
     */
    public int status() {
        return status;
    }

    /**
     * What the sender says of the {@link #status()}, such as {@code No Responders}. It is not sent on.
     *
     * @return the text; empty if there is none
     */
    public String description() {
        return description;
    }

    /**
     * Whether something was left out that came with the message, because it is no header.
     *
     * @return false for what was made here
     */
    public boolean isMalformed() {
        return malformed;
    }

    /** As a server wants them, not to be written to; null for none. */
    byte @Nullable [] block() {
        byte[] made = block;
        if (made == null && !entries.isEmpty()) {
            made = HeaderBlock.encode(entries);
            block = made;
        }
        return made;
    }

    /** Of the block they came in. */
    int receivedBytes() {
        return receivedBytes;
    }

    // Names alone: values may be secrets.
    @Override
    public String toString() {
        String names = entries.stream().map(Entry::name).collect(Collectors.joining(", "));
        return "Headers[" + (status == 0 ? "" : "status=" + status + ", ") + "names=" + names + "]";
    }
}
