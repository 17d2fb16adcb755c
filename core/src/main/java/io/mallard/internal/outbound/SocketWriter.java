package io.mallard.internal.outbound;

import io.mallard.protocol.net.Transport;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The write token of one connection: whoever takes it writes the buffer out, whoever finds it taken leaves the work to
 * the holder.
 *
 * <pre>
 *   IDLE --append--&gt; WRITING --all written--&gt; IDLE
 *                    WRITING --append--&gt; MORE --batch written--&gt; WRITING
 *                    WRITING --socket full, or enough for a caller--&gt; LOOP --onWritable--&gt; WRITING
 *   IDLE --append, caller waits, in a burst--&gt; LOOP
 *                    any --close--&gt; CLOSED
 * </pre>
 *
 * A caller that finds the token free saves a thread hop by writing itself; under load it hands over to the loop after
 * {@link #CALLER_BATCHES} batches, because a caller must not be kept for other callers' sake.
 *
 * <p>A write costs far more than an append, so in a burst not every append is followed by one. Requests whose callers
 * wait are left to the loop, which writes what has come in each of its turns. Whatever else there is waits until it is
 * {@link #ENOUGH_BYTES}, which the caller then writes at once, or until the loop comes, a moment after the first of it.
 * It is a burst as long as it pays: until only one command has come together, or for a while none.
 *
 * <p>Threading: {@link #flush} and {@link #flushSoon} from any thread; the rest on the event loop.
 */
public final class SocketWriter {
    private static final int IDLE = 0;
    private static final int WRITING = 1;
    private static final int MORE = 2;
    private static final int LOOP = 3;
    private static final int CLOSED = 4;

    private static final int CALLER_BATCHES = 4;
    /** Of {@link #waitingSinceNs}: nothing waits. */
    public static final long NOT_ASKED = 0;

    /** Flushes that follow each other faster than this begin a burst once there are so many. */
    private static final long BURST_GAP_NS = 10_000;

    static final int BURST_FLUSHES = 8;
    /** A burst is over after such a pause, or when nothing has joined the first command of a batch. */
    private static final long BURST_PAUSE_NS = 1_000_000;
    /** As much as a socket takes gladly, and a cache of the processor. */
    static final int ENOUGH_BYTES = 64 << 10;
    /** How long the loop lets publishes of a burst gather, at least: what the system makes of it is some 70 µs. */
    private static final long GATHER_NS = 20_000;

    private static final long PAUSE_NS = 10_000;
    /** Far longer than a write that only has to find its socket closed. */
    private static final long CLOSE_WAIT_NS = 1_000_000_000;

    private final long burstGapNs;
    private final int enoughBytes;
    private final OutboundBuffer buffer;
    private final Transport transport;
    private final Consumer<IOException> onFailed;
    private final AtomicInteger token = new AtomicInteger(IDLE);
    /** The loop was asked to come for publishes that gather, and will look at the buffer after it has set this back. */
    private final AtomicBoolean gathering = new AtomicBoolean();
    /**
     * Since when the loop is asked to come as soon as the socket has room, and nothing was written; NOT_ASKED if it is not.
     * Set by whoever asks, before asking; taken back by the loop when it comes.
     */
    private final AtomicLong askedNs = new AtomicLong(NOT_ASKED);

    // Owned by the holder of the token; by the loop once CLOSED.
    private CommandBatch draining = new CommandBatch();
    private long lastFlushNs;
    private int quickFlushes;
    // Owned by the event loop. The holder of the token keeps what it holds: nobody knows how much of it was written.
    private boolean leftBehind;

    /** {@code onFailed} is told, on whatever thread wrote, that the socket is broken. */
    public SocketWriter(OutboundBuffer buffer, Transport transport, Consumer<IOException> onFailed) {
        this(buffer, transport, onFailed, BURST_GAP_NS);
    }

    SocketWriter(OutboundBuffer buffer, Transport transport, Consumer<IOException> onFailed, long burstGapNs) {
        this.burstGapNs = burstGapNs;
        this.enoughBytes = Math.min(ENOUGH_BYTES, buffer.limitBytes() / 2); // None is refused for what only gathers.
        this.buffer = buffer;
        this.transport = transport;
        this.onFailed = onFailed;
        draining.flip();
    }

    /** Sees to it that what was appended before this call is written. Never waits for the socket. */
    public void flush() {
        write(false);
    }

    /** As {@link #flush}, for what may wait a moment in a burst. */
    public void flushSoon() {
        if (!gathering.get() || hasEnough()) {
            write(true); // Otherwise the loop is about to come.
        }
    }

    private void write(boolean soonWillDo) {
        while (true) {
            switch (token.get()) {
                case IDLE -> {
                    if (token.compareAndSet(IDLE, WRITING)) {
                        writeOrLeave(soonWillDo);
                        return;
                    }
                }
                case WRITING -> {
                    if (token.compareAndSet(WRITING, MORE)) {
                        return;
                    }
                }
                default -> {
                    return; // The holder, or the loop, will see what was appended; or nobody will, any more.
                }
            }
        }
    }

    private void writeOrLeave(boolean soonWillDo) {
        if (!isBurst(System.nanoTime()) || (soonWillDo && hasEnough())) {
            drain(false);
        } else if (soonWillDo) {
            gather();
        } else {
            handToLoop();
        }
    }

    private boolean hasEnough() {
        return buffer.fillBytes() >= enoughBytes;
    }

    private void gather() {
        if (!token.compareAndSet(WRITING, IDLE)) {
            token.set(WRITING); // It was MORE: somebody may not wait.
            drain(false);
        } else if (gathering.compareAndSet(false, true)) {
            askLoop();
        }
    }

    private boolean isBurst(long nowNs) {
        long gapNs = inBurst() ? Math.max(BURST_PAUSE_NS, burstGapNs) : burstGapNs;
        quickFlushes = nowNs - lastFlushNs < gapNs ? Math.min(quickFlushes + 1, BURST_FLUSHES) : 0;
        lastFlushNs = nowNs;
        return inBurst();
    }

    private boolean inBurst() {
        return quickFlushes >= BURST_FLUSHES;
    }

    /** Since when something has waited for room in the socket, and nothing was written; NOT_ASKED if nothing waits. */
    public long waitingSinceNs() {
        return askedNs.get();
    }

    /** The socket has room again, or the loop its turn. */
    public void onWritable() {
        if (askedNs.get() != NOT_ASKED) {
            askedNs.set(NOT_ASKED);
        }
        if (gathering.get()) {
            LockSupport.parkNanos(GATHER_NS);
            gathering.set(false);
        }
        if (token.compareAndSet(LOOP, WRITING)) {
            drain(true);
        } else if (token.compareAndSet(IDLE, WRITING)) {
            drain(false); // What has gathered; or the transport has something to send, such as a TLS record.
        } else {
            flush();
        }
    }

    /** {@code looksAgain}: to leave what may come next to the next turn of the loop, instead of to the next caller. */
    private void drain(boolean looksAgain) {
        boolean wrote = draining.unwritten().hasRemaining();
        try {
            for (int batches = 0; transport.write(draining.unwritten()) && batches < CALLER_BATCHES; batches++) {
                onWritten();
                CommandBatch next = buffer.take(draining, System.nanoTime());
                if (next != null) {
                    if (inBurst() && next.isSingle()) {
                        quickFlushes = 0;
                    }
                    draining = next;
                    wrote = true;
                } else if (looksAgain && wrote) {
                    break;
                } else if (token.compareAndSet(WRITING, IDLE)) {
                    return;
                } else {
                    token.set(WRITING); // It was MORE.
                }
            }
            handToLoop();
        } catch (IOException e) {
            fail(e);
        } catch (RuntimeException | Error e) { // Such as out of memory: a token kept would hang everybody else.
            fail(new IOException("writing failed: " + e, e));
        }
    }

    private void handToLoop() {
        token.set(LOOP);
        askLoop();
    }

    private void askLoop() {
        askedNs.set(System.nanoTime() | 1); // Never NOT_ASKED.
        transport.requestWrite();
    }

    /** Callers write while the loop has not come: the socket takes something all the same. */
    private void onWritten() {
        long sinceNs = askedNs.get();
        if (sinceNs != NOT_ASKED) {
            askedNs.compareAndSet(sinceNs, System.nanoTime() | 1); // Unless the loop has come.
        }
    }

    private void fail(IOException cause) {
        token.set(CLOSED);
        onFailed.accept(cause);
    }

    /**
     * Stops writing for good. The transport must be closed already, so that a caller who is inside a write comes back
     * at once: this waits for it. One that does not, because its thread gets no time, is left behind with its batch:
     * the loop has other connections to care for.
     */
    public void close() {
        long deadlineNs = System.nanoTime() + CLOSE_WAIT_NS;
        while (true) {
            int held = token.get();
            if (held != WRITING && held != MORE) {
                if (token.compareAndSet(held, CLOSED)) {
                    return;
                }
            } else if (deadlineNs - System.nanoTime() <= 0) {
                leftBehind = true;
                return;
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /**
     * After {@link #close} and a seal: what never reached the server, and what is kept because it may not have, goes to
     * the buffer of the next connection.
     *
     * @param ending why the connection is closed
     * @return publishes the server may or may not have processed
     */
    public long moveUnwritten(OutboundBuffer next, Ending ending, long nowNs) {
        assert leftBehind || token.get() == CLOSED;
        return buffer.moveUnwritten(leftBehind ? new CommandBatch() : draining, next, ending, nowNs);
    }
}
