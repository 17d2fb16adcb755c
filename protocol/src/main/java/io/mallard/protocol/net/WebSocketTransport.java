package io.mallard.protocol.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes in the frames of a WebSocket, over a stream that begins with a {@link WebSocketOpening}.
 *
 * <p>What the server sends is taken apart in the reader's own buffer. A server's PINGs are answered when there is room to
 * write, and of several that wait only the latest (RFC 6455, 5.5.3).
 *
 * <p>Threading: as {@link Transport}. The loop owns reading, the holder of the write token owns writing; what the loop has to
 * say, an answer to a PING, is handed over, and asked for as room to write is.
 */
public final class WebSocketTransport implements Transport, Transport.Events {
    /** A system call moves so much. */
    private static final int BUFFER_BYTES = 64 << 10;

    private static final short NORMAL = 1000;
    private static final short PROTOCOL_ERROR = 1002;

    private final OpeningTransport lower;
    private final WebSocketReader reader = new WebSocketReader();
    private final WebSocketWriter writer;

    // Owned by the loop.
    private Events events;
    // Latches: once true, always true.
    private boolean open;
    private boolean closed;
    /** What is said of this in the last frame. */
    private short ending = NORMAL;
    /** The server has said CLOSE behind payload that was read: its end is still to be read. */
    private boolean unread;

    // Owned by whoever has set writing, from when the WebSocket is open. The buffer spans what it holds: from position
    // to limit.
    private ByteBuffer framed = ByteBuffer.allocate(0);
    // Set during a write, and for good by the loop when it says the last word; these two never wait for each other.
    private final AtomicBoolean writing = new AtomicBoolean();
    /** Set by the loop, taken by whoever writes. */
    private final AtomicReference<byte @Nullable []> pong = new AtomicReference<>();

    private WebSocketTransport(Transport lower, WebSocketOpening opening, RandomGenerator random, Events events) {
        this.lower = OpeningTransport.over(lower, opening, this);
        this.writer = new WebSocketWriter(random);
        this.events = events;
    }

    /**
     * Puts a WebSocket between a stream and its owner. It is opened when the stream is connected; if it is already, with
     * {@link #begin}. On the loop.
     *
     * @param random nobody may foresee what comes from it; used by whoever may write
     */
    public static WebSocketTransport over(
            Transport lower, WebSocketOpening opening, RandomGenerator random, Events events) {
        return new WebSocketTransport(lower, opening, random, events);
    }

    /** As {@link OpeningTransport#begin}. */
    public void begin() {
        lower.begin();
    }

    @Override
    public void events(Events newOwner) {
        this.events = newOwner;
    }

    @Override
    public void onConnected() {
        framed = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();
        open = true;
        events.onConnected();
    }

    @Override
    public void onReadable() {
        do {
            unread = false;
            events.onReadable();
        } while (unread && !closed);
    }

    @Override
    public void onWritable() {
        events.onWritable();
    }

    @Override
    public void onFailed(IOException cause) {
        events.onFailed(cause);
    }

    /** Fails with the server's code and reason if it has said CLOSE. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        int read = reader.closed() == null ? lower.read(target) : 0;
        unframe(target, start);
        answerPing();
        int taken = target.position() - start;
        if (reader.closed() != null) {
            if (taken == 0) {
                throw new EOFException("the server closed the WebSocket: " + reader.closed());
            }
            unread = true;
        }
        return read < 0 ? -1 : taken;
    }

    private void unframe(ByteBuffer target, int start) throws IOException {
        try {
            reader.unframe(target, start);
        } catch (IOException e) {
            ending = PROTOCOL_ERROR;
            throw e;
        }
    }

    private void answerPing() {
        byte[] ping = reader.takePing();
        if (ping != null) {
            pong.set(ping);
            lower.requestWrite();
        }
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        if (!writing.compareAndSet(false, true)) {
            throw new ClosedChannelException();
        }
        try {
            boolean flushed;
            do {
                if (!framed.hasRemaining()) {
                    frame(source);
                }
                flushed = lower.write(
                        framed); // With nothing in it, too: the layer below may have something of its own to say.
            } while (flushed && (source.hasRemaining() || pong.get() != null));
            return flushed;
        } finally {
            writing.set(false);
        }
    }

    /** As much as fits into {@link #framed}, which is empty. */
    private void frame(ByteBuffer source) {
        framed.clear();
        byte[] answer = pong.getAndSet(null);
        if (answer != null) {
            writer.frame(WebSocketWriter.PONG, ByteBuffer.wrap(answer), framed);
        }
        if (source.hasRemaining()) {
            writer.frame(WebSocketWriter.BINARY, source, framed);
        }
        framed.flip();
    }

    @Override
    public void requestWrite() {
        lower.requestWrite();
    }

    /** Also says CLOSE, if that can be done without waiting. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (open && writing.compareAndSet(false, true)) {
                sayLastWord();
            }
            lower.close();
        }
    }

    private void sayLastWord() {
        try {
            if (lower.write(framed)) {
                framed.clear();
                ByteBuffer code = ByteBuffer.allocate(Short.BYTES).putShort(0, ending);
                writer.frame(WebSocketWriter.CLOSE, code, framed);
                lower.write(framed.flip());
            }
        } catch (IOException e) {
            // The server sees the end of the stream instead.
        }
    }
}
