package io.mallard.benchmarks.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * One PUB, encoded beforehand as often as fits into 64 KiB.
 *
 * <p>Threading: used by one thread.
 */
final class RawBatch {
    private static final int BATCH_BYTES = 64 << 10;

    private final ByteBuffer commands;
    private final int commandBytes;
    private final int size;

    /** {@code target}: the subject, and the reply subject if there is one. */
    RawBatch(String target, byte[] payload) {
        byte[] line = ("PUB " + target + " " + payload.length + "\r\n").getBytes(US_ASCII);
        commandBytes = line.length + payload.length + 2;
        size = Math.max(1, BATCH_BYTES / commandBytes);
        commands = ByteBuffer.allocateDirect(size * commandBytes);
        for (int i = 0; i < size; i++) {
            commands.put(line).put(payload).put((byte) '\r').put((byte) '\n');
        }
    }

    /** Writes so many commands, one batch after the other. */
    void write(RawConnection connection, int count) {
        for (int left = count; left > 0; left -= size) {
            connection.write(commands.clear().limit(Math.min(left, size) * commandBytes));
        }
    }
}
