package io.mallard.internal.outbound;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The publishes of one connection that its server may still lose, as they were sent: what is published again when the
 * connection breaks.
 *
 * <pre>
 *   bytes    | PUB b 2␍␊hi␍␊ |  free  | PUB a 2␍␊hi␍␊ | PUB a 2␍␊ho␍␊ |     a ring: the oldest one begins at head
 *                                       ^ head
 *   lengths  | 13 | 13 | 13 |                                              in the same order, a ring too
 * </pre>
 *
 * <p>Threading: guarded by the lock of its {@link OutboundBuffer}.
 */
final class RetainedPublishes {
    private static final int INITIAL_BYTES = 4 << 10;
    private static final int INITIAL_COUNT = 64;
    /** The largest ring: twice it is more than an array can be. */
    private static final int MAX_BYTES = 1 << 30;
    /** So much goes out again at a time: between two of these other commands get in, and the server answers. */
    private static final int BATCH_BYTES = 256 << 10;
    /** A ring that had to grow past this gives its memory back when it is empty. */
    private static final int KEPT_BYTES = 1 << 20;

    private final int limitBytes;

    // Both lengths are powers of two.
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int[] lengths = new int[INITIAL_COUNT];
    private int head;
    private int size;
    private int first;
    private int count;
    /** How many have been in here and are not any more. */
    private long released;

    /** Above {@code limitBytes} nothing more shall be published; what has been is kept all the same. */
    RetainedPublishes(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    int limitBytes() {
        return limitBytes;
    }

    int size() {
        return size;
    }

    /** Makes room for that much more: {@link #add} needs no memory then. */
    void reserve(int moreBytes, int moreCount) {
        int neededBytes = powerOfTwo((long) size + moreBytes, bytes.length);
        int neededCount = powerOfTwo((long) count + moreCount, lengths.length);
        byte[] largerBytes = neededBytes == bytes.length ? bytes : new byte[neededBytes];
        int[] largerLengths = neededCount == lengths.length ? lengths : new int[neededCount];
        if (largerBytes != bytes) {
            int untilEnd = Math.min(size, bytes.length - head);
            System.arraycopy(bytes, head, largerBytes, 0, untilEnd);
            System.arraycopy(bytes, 0, largerBytes, untilEnd, size - untilEnd);
            bytes = largerBytes;
            head = 0;
        }
        if (largerLengths != lengths) {
            for (int i = 0; i < count; i++) {
                largerLengths[i] = length(i);
            }
            lengths = largerLengths;
            first = 0;
        }
    }

    private static int powerOfTwo(long needed, int present) {
        if (needed > MAX_BYTES) {
            throw new IllegalStateException(
                    "publishes of " + needed + " bytes wait for an answer, more than " + MAX_BYTES + " cannot be kept");
        }
        return needed <= present ? present : Integer.highestOneBit((int) needed - 1) << 1;
    }

    /** Adds one that is about to be sent; there must be room. */
    void add(ByteBuffer source, int start, int length) {
        int tail = (head + size) & (bytes.length - 1);
        int untilEnd = Math.min(length, bytes.length - tail);
        source.get(start, bytes, tail, untilEnd);
        source.get(start + untilEnd, bytes, 0, length - untilEnd);
        lengths[(first + count) & (lengths.length - 1)] = length;
        size += length;
        count++;
    }

    /** The first that many which were ever in here cannot be lost any more. */
    void release(long arrived) {
        while (count > 0 && released < arrived) {
            int length = length(0);
            head = (head + length) & (bytes.length - 1);
            size -= length;
            first = (first + 1) & (lengths.length - 1);
            count--;
            released++;
        }
        if (count == 0 && bytes.length > KEPT_BYTES) {
            forgetAll();
        }
    }

    /**
     * Those that are worth sending again, in batches of about {@link #BATCH_BYTES}.
     *
     * @param written how many, of all that were ever in here, the socket has taken; the rest is sent from elsewhere
     * @param maxPayload the largest one the lost server takes: because of a larger one it may have closed the connection,
     *     and the next one would
     */
    List<CommandBatch> copy(long written, long maxPayload) {
        List<CommandBatch> batches = new ArrayList<>();
        CommandBatch batch = new CommandBatch();
        int at = head;
        int left = size;
        for (int i = 0; i < count && released + i < written; i++) {
            int length = length(i);
            if (length <= maxPayload || payloadBytes(at) <= maxPayload) {
                if (batch.isEmpty()) {
                    batch.room(Math.min(left, BATCH_BYTES));
                    batches.add(batch);
                }
                int untilEnd = Math.min(length, bytes.length - at);
                batch.room(length).put(bytes, at, untilEnd).put(bytes, 0, length - untilEnd);
                batch.end(CommandKind.PUBLISH);
                if (batch.size() >= BATCH_BYTES) {
                    batch = new CommandBatch();
                }
            }
            at = (at + length) & (bytes.length - 1);
            left -= length;
        }
        return batches;
    }

    /** What a server compares with its {@code max_payload}: the last number of the control line. */
    private long payloadBytes(int start) {
        long number = 0;
        for (int at = start; ; at = (at + 1) & (bytes.length - 1)) {
            byte each = bytes[at];
            if (each == '\r') {
                return number;
            }
            boolean isDigit = each >= '0' && each <= '9';
            number = isDigit ? Math.min(10 * number + each - '0', Integer.MAX_VALUE) : 0; // A subject may end in some.
        }
    }

    private int length(int index) {
        return lengths[(first + index) & (lengths.length - 1)];
    }

    /** Forgets all of them. */
    void clear() {
        released += count;
        forgetAll();
    }

    private void forgetAll() {
        bytes = new byte[INITIAL_BYTES];
        lengths = Arrays.copyOf(lengths, INITIAL_COUNT);
        head = 0;
        first = 0;
        size = 0;
        count = 0;
    }
}
