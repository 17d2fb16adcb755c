package io.mallard.internal.outbound;

import io.mallard.protocol.wire.ProtocolEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Encoded commands back to back, with what is needed to take them apart again: where each ends, its kind, and whose it
 * is if it is a request.
 *
 * <pre>
 *   bytes      | PUB a 2␍␊hi␍␊ | SUB b 7␍␊ | PING␍␊ |   room
 *   ends                       ^ 14        ^ 23     ^ 29
 *   kinds        PUBLISH         SUBSCR.     PING
 * </pre>
 *
 * <p>Threading: none of its own; its owner's lock or write token guards it.
 */
final class CommandBatch {
    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final int INITIAL_BYTES = 4 << 10;
    private static final int INITIAL_COMMANDS = 64;
    /** A batch that had to grow past this gives its memory back when for a while nothing was in it that would not fit. */
    private static final int RETAINED_BYTES = 1 << 20;
    /** Growing anew costs more than the memory is worth while there is much to send now and then. */
    private static final long QUIET_NS = 1_000_000_000;

    private ByteBuffer bytes = ByteBuffer.allocateDirect(INITIAL_BYTES);
    private int count;
    private int[] ends = new int[INITIAL_COMMANDS];
    private CommandKind[] kinds = new CommandKind[INITIAL_COMMANDS];
    /** The owners of the REQUEST commands; null for the others, and beyond {@code count}. */
    private @Nullable OutboundRequest[] requests = new @Nullable OutboundRequest[INITIAL_COMMANDS];

    private int requestCount;
    private int publishes;
    private long lastLargeNs;
    private long earliestDeadlineNs = NO_DEADLINE;
    /** The waiters of the PING commands of this batch that have one, in order. */
    private final Queue<Ping> pings = new ArrayDeque<>(4);

    boolean isEmpty() {
        return count == 0;
    }

    boolean isSingle() {
        return count == 1;
    }

    /** Bytes of the commands in here, written or not. */
    int size() {
        return count == 0 ? 0 : ends[count - 1];
    }

    int publishes() {
        return publishes;
    }

    int requests() {
        return requestCount;
    }

    Queue<Ping> pings() {
        return pings;
    }

    /** The buffer, with room for that many more bytes. An encoder writes into it, then {@link #end} closes the command. */
    ByteBuffer room(int size) {
        if (bytes.remaining() < size) {
            grow(size);
        }
        return bytes;
    }

    private void grow(int size) {
        long needed = (long) bytes.position() + size;
        if (needed > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("a batch of " + needed + " bytes is larger than a buffer can be");
        }
        int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * bytes.capacity()));
        bytes = ByteBuffer.allocateDirect(capacity).put(bytes.flip());
    }

    /** Closes the command whose bytes were written since the last call. */
    void end(CommandKind kind) {
        end(kind, null);
    }

    /** Closes the command of a request, likewise. */
    void end(OutboundRequest request) {
        end(CommandKind.REQUEST, request);
    }

    private void end(CommandKind kind, @Nullable OutboundRequest request) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
            kinds = Arrays.copyOf(kinds, 2 * count);
            requests = Arrays.copyOf(requests, 2 * count);
        }
        ends[count] = bytes.position();
        kinds[count] = kind;
        if (kind == CommandKind.PUBLISH) {
            publishes++;
        }
        if (request != null) {
            requests[count] = request;
            requestCount++;
            long deadlineNs = request.deadlineNs();
            if (earliestDeadlineNs == NO_DEADLINE || deadlineNs - earliestDeadlineNs < 0) {
                earliestDeadlineNs = deadlineNs;
            }
        }
        count++;
    }

    /** Adds a PING with its waiter; of kind PING or OWN_PING. */
    void ping(Ping ping, CommandKind kind) {
        ProtocolEncoder.ping(room(ProtocolEncoder.PING_BYTES));
        ping.publishesBefore = publishes;
        pings.add(ping);
        end(kind);
    }

    /** From being filled to being written: the returned buffer holds the commands between position and limit. */
    ByteBuffer flip() {
        return bytes.flip();
    }

    /** The buffer being written; its position says how far. */
    ByteBuffer unwritten() {
        return bytes;
    }

    /** Publishes that are not, or not wholly, written: the server has not executed these. */
    int unwrittenPublishes() {
        int unwritten = 0;
        for (int i = firstUnwritten(); i < count; i++) {
            if (kinds[i] == CommandKind.PUBLISH) {
                unwritten++;
            }
        }
        return unwritten;
    }

    /** Adds the publishes in here, in order, to what is kept of them. */
    void copyPublishes(RetainedPublishes retained) {
        for (int i = 0; i < count; i++) {
            if (kinds[i] == CommandKind.PUBLISH) {
                int start = i == 0 ? 0 : ends[i - 1];
                retained.add(bytes, start, ends[i] - start);
            }
        }
    }

    /** Empties the batch for the next round of filling. */
    void clear(long nowNs) {
        if (size() > RETAINED_BYTES) {
            lastLargeNs = nowNs;
        }
        forgetAll();
        // Last, because it may find no memory: what is empty by then is not written twice.
        if (bytes.capacity() > RETAINED_BYTES && nowNs - lastLargeNs >= QUIET_NS) {
            bytes = ByteBuffer.allocateDirect(INITIAL_BYTES);
            ends = new int[INITIAL_COMMANDS];
            kinds = new CommandKind[INITIAL_COMMANDS];
            requests = new @Nullable OutboundRequest[INITIAL_COMMANDS];
        }
    }

    private void forgetAll() {
        bytes.clear();
        if (requestCount > 0) {
            Arrays.fill(requests, 0, count, null); // Whoever owned a command may be garbage long before the next round.
        }
        count = 0;
        requestCount = 0;
        publishes = 0;
        earliestDeadlineNs = NO_DEADLINE;
    }

    /** Whether the deadline of a request in here has passed. */
    boolean hasExpired(long nowNs) {
        return earliestDeadlineNs != NO_DEADLINE && earliestDeadlineNs - nowNs <= 0;
    }

    /** Tells every request in here that its command waits in that buffer. */
    void tellBuffered(OutboundBuffer buffer) {
        for (int i = 0; requestCount > 0 && i < count; i++) {
            OutboundRequest request = requests[i];
            if (request != null) {
                request.onBuffered(buffer);
            }
        }
    }

    /** Tells every request in here that its command is about to be written, and drops those nobody wants any more. */
    void tellTaken(long nowNs) {
        boolean unwanted = false;
        for (int i = 0; requestCount > 0 && i < count; i++) {
            OutboundRequest request = requests[i];
            if (request != null) {
                request.onTaken();
                unwanted |= !request.isWanted(nowNs);
            }
        }
        if (unwanted) {
            removeUnwanted(nowNs);
        }
    }

    /** Takes the requests nobody waits for any more out of this batch, which is not being written yet. */
    void removeUnwanted(long nowNs) {
        ByteBuffer source = bytes.duplicate().clear();
        @Nullable OutboundRequest[] owners = Arrays.copyOf(requests, count);
        int all = count;
        forgetAll();
        int start = 0;
        for (int i = 0; i < all; i++) {
            int end = ends[i];
            OutboundRequest request = owners[i];
            if (request == null || request.isWanted(nowNs)) {
                bytes.put(source.limit(end).position(start)); // Never ahead of what is still to be read.
                end(kinds[i], request);
            } else {
                request.onDropped();
            }
            start = end;
        }
    }

    /**
     * Adds to {@code target} the commands of this flipped batch that are still worth sending: not written, or only half
     * written (a server executes whole commands alone, so it is sent again whole), and not a request nobody wants.
     *
     * @param wanted which kinds {@code target} takes
     * @param waiting the waiters of the unwritten PINGs in here, in order; they go along with their PING
     * @param lost gets the waiters whose PING does not go along
     */
    void copyUnwritten(
            CommandBatch target, Predicate<CommandKind> wanted, Queue<Ping> waiting, Queue<Ping> lost, long nowNs) {
        for (int i = firstUnwritten(); i < count; i++) {
            CommandKind kind = kinds[i];
            OutboundRequest request = requests[i];
            if (kind.isPing()) {
                Ping ping = waiting.remove();
                if (wanted.test(kind)) {
                    target.ping(ping, kind);
                } else {
                    lost.add(ping);
                }
            } else if (request != null && !request.isWanted(nowNs)) {
                request.onDropped();
            } else if (wanted.test(kind)) {
                int start = i == 0 ? 0 : ends[i - 1];
                target.room(ends[i] - start)
                        .put(bytes.duplicate().limit(ends[i]).position(start));
                target.end(kind, request);
            }
        }
    }

    /** Counts the command that is half written as written. */
    void skipHalfWritten() {
        int half = firstUnwritten();
        if (half < count && bytes.position() > (half == 0 ? 0 : ends[half - 1])) {
            bytes.position(ends[half]);
        }
    }

    int unwrittenPings() {
        int unwritten = 0;
        for (int i = firstUnwritten(); i < count; i++) {
            if (kinds[i].isPing()) {
                unwritten++;
            }
        }
        return unwritten;
    }

    private int firstUnwritten() {
        int i = Arrays.binarySearch(ends, 0, count, bytes.position());
        return i >= 0 ? i + 1 : -i - 1;
    }
}
