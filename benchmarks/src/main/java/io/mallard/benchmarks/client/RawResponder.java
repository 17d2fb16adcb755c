package io.mallard.benchmarks.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * Answers every request of a bare blocking socket with its own payload, in one write for all that one read brought. It
 * allocates nothing, so that what a benchmark counts belongs to whoever asks.
 *
 * <p>Threading: one daemon thread.
 */
final class RawResponder implements Responding {
    /** Answers are shorter than requests, so the two buffers are equally large. */
    private static final int BUFFER_BYTES = 256 << 10;

    private static final byte[] PUB = "PUB ".getBytes(US_ASCII);
    private static final byte[] PONG = "PONG\r\n".getBytes(US_ASCII);

    private final RawConnection connection;

    // Owned by the thread.
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    // In mid-line: where its last two words begin.
    private int replyAt;
    private int sizeAt;

    RawResponder(RawConnection connection) {
        this.connection = connection;
        connection.repeat("raw-responder", this::answer);
    }

    @Override
    public void close() {
        connection.close();
    }

    private void answer() {
        connection.read(in);
        in.flip();
        while (answerNext()) {}
        in.compact();
        connection.write(out.flip());
        out.clear();
    }

    /** False when what is left is no whole command. */
    private boolean answerNext() {
        int lineEnd = readLine();
        if (lineEnd < 0) {
            return false;
        }
        int bodyAt = lineEnd + 2;
        switch (in.get(in.position())) {
            case 'M' -> {
                int end = bodyAt + size(lineEnd) + 2;
                if (end > in.limit()) {
                    return false;
                }
                out.put(PUB);
                copy(replyAt, end); // Reply subject, size and payload are an answer already.
                in.position(end);
            }
            case 'P' -> {
                if (in.get(in.position() + 1) == 'I') {
                    out.put(PONG);
                }
                in.position(bodyAt);
            }
            default -> in.position(bodyAt);
        }
        return true;
    }

    // MSG <subject> <sid> <reply-to> <#bytes>
    private int readLine() {
        for (int i = in.position(); i < in.limit() - 1; i++) {
            byte next = in.get(i);
            if (next == ' ') {
                replyAt = sizeAt;
                sizeAt = i + 1;
            } else if (next == '\r') {
                return i;
            }
        }
        return -1;
    }

    private int size(int lineEnd) {
        int size = 0;
        for (int i = sizeAt; i < lineEnd; i++) {
            size = size * 10 + in.get(i) - '0';
        }
        return size;
    }

    private void copy(int from, int to) {
        int limit = in.limit();
        int position = in.position();
        out.put(in.limit(to).position(from));
        in.limit(limit).position(position);
    }
}
