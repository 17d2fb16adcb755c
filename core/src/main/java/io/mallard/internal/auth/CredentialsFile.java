package io.mallard.internal.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is in a file of credentials: the JWT of a user and the seed of its key between lines of dashes that say what they
 * are, or a seed alone on a line of its own.
 *
 * <p>The seed is wiped by {@link #close}.
 *
 * <p>Threading: one thread.
 */
final class CredentialsFile implements AutoCloseable {
    /** Hundreds of times what is in such files. */
    private static final long MAX_BYTES = 1 << 20;

    private static final String DASHES = "---";

    private final Path file;
    private final char[] text;
    private @Nullable String jwt;
    private char @Nullable [] seed;

    private CredentialsFile(Path file, char[] text) {
        this.file = file;
        this.text = text;
    }

    /**
     * Reads a file.
     *
     * @throws IOException when that is not possible, saying which file
     */
    static CredentialsFile read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MAX_BYTES) {
            throw new IOException(file + " has " + bytes + " bytes, must be <= " + MAX_BYTES);
        }
        byte[] read = Files.readAllBytes(file);
        CharBuffer decoded = ISO_8859_1.decode(ByteBuffer.wrap(read));
        CredentialsFile credentials = new CredentialsFile(file, decoded.array());
        credentials.parse(decoded.limit());
        Arrays.fill(read, (byte) 0);
        return credentials;
    }

    private void parse(int end) {
        String block = "";
        int begin = 0;
        while (begin < end) {
            int lineEnd = begin;
            while (lineEnd < end && text[lineEnd] != '\n' && text[lineEnd] != '\r') {
                lineEnd++;
            }
            block = parseLine(block, begin, lineEnd);
            begin = lineEnd + 1;
        }
    }

    /** Returns what the next lines are. */
    private String parseLine(String block, int untrimmedBegin, int untrimmedEnd) {
        int begin = untrimmedBegin;
        int end = untrimmedEnd;
        while (begin < end && text[begin] <= ' ') {
            begin++;
        }
        while (begin < end && text[end - 1] <= ' ') {
            end--;
        }
        if (begin == end) {
            return block;
        }
        if (end - begin >= DASHES.length() && text[begin] == '-' && text[begin + 1] == '-' && text[begin + 2] == '-') {
            return new String(text, begin, end - begin);
        }
        if (block.contains("BEGIN") && block.contains("JWT") && jwt == null) {
            jwt = new String(text, begin, end - begin);
        } else if (seed == null && end - begin > 1 && text[begin] == 'S' && text[begin + 1] == 'U') {
            seed = Arrays.copyOfRange(text, begin, end);
        }
        return block;
    }

    String jwt() throws IOException {
        if (jwt == null) {
            throw new IOException(file + " has no JWT: no line between -----BEGIN NATS USER JWT----- and its end");
        }
        return jwt;
    }

    /** Of the key of a user. */
    char[] seed() throws IOException {
        if (seed == null) {
            throw new IOException(file + " has no seed of a user: no line that begins with SU");
        }
        return seed;
    }

    @Override
    public void close() {
        Arrays.fill(text, '\0');
        if (seed != null) {
            Arrays.fill(seed, '\0');
        }
    }
}
