package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream that begins with an {@link Opening}, and then is the one below.
 *
 * <p>Threading: as {@link Transport}; until {@link Events#onConnected} the loop does the writing.
 */
public final class OpeningTransport implements Transport, Transport.Events {
    private enum State {
        /** The stream below is not connected, or {@link #begin} has not been called yet. */
        CONNECTING,
        OPENING,
        OPEN,
        FAILED,
        CLOSED
    }

    /** Nobody says more before it begins: servers and proxies of the web take no longer heads themselves. */
    static final int MAX_HEARD_BYTES = 8 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Transport lower;
    private final Opening opening;
    // Owned by the loop. Each buffer spans what it holds: from position to limit.
    private Events events;
    private State state = State.CONNECTING;
    private ByteBuffer heard = NOTHING;
    private ByteBuffer unsaid = NOTHING;
    /** A read was given what was heard behind the opening, and not what is below. */
    private boolean unread;

    private OpeningTransport(Transport lower, Opening opening, Events events) {
        this.lower = lower;
        this.opening = opening;
        this.events = events;
    }

    /**
     * Puts an opening between a stream and its owner. It begins when the stream is connected; if it is already, with
     * {@link #begin}. On the loop.
     */
    public static OpeningTransport over(Transport lower, Opening opening, Events events) {
        OpeningTransport transport = new OpeningTransport(lower, opening, events);
        lower.events(transport);
        return transport;
    }

    /**
     * Begins on a connected stream; {@link Events#onConnected} or {@link Events#onFailed} follows, the latter perhaps
     * from within this call. On the loop.
     */
    public void begin() {
        if (state != State.CONNECTING) {
            throw new IllegalStateException("begin in state " + state);
        }
        state = State.OPENING;
        heard = ByteBuffer.allocate(MAX_HEARD_BYTES).flip();
        unsaid = ByteBuffer.wrap(opening.begin());
        advance();
    }

    @Override
    public void events(Events newOwner) {
        this.events = newOwner;
    }

    @Override
    public void onConnected() {
        begin();
    }

    @Override
    public void onReadable() {
        switch (state) {
            case OPENING -> hear();
            case OPEN -> announce();
            case CONNECTING, FAILED, CLOSED -> {}
        }
    }

    @Override
    public void onWritable() {
        switch (state) {
            case OPENING -> advance();
            case OPEN -> events.onWritable();
            case CONNECTING, FAILED, CLOSED -> {}
        }
    }

    @Override
    public void onFailed(IOException cause) {
        fail(cause);
    }

    private void hear() {
        heard.compact();
        try {
            if (!heard.hasRemaining()) {
                throw new IOException("more than " + MAX_HEARD_BYTES + " bytes where the stream should begin: \""
                        + Excerpt.of(new String(heard.array(), 0, MAX_HEARD_BYTES, ISO_8859_1)) + "\"");
            }
            if (lower.read(heard) < 0) {
                throw new EOFException("the other side closed the connection instead of answering");
            }
        } catch (IOException e) {
            fail(e);
            return;
        } finally {
            heard.flip();
        }
        advance();
    }

    /** Takes the conversation as far as it can go now. It goes in turns: nothing is answered before all is said. */
    private void advance() {
        try {
            // With nothing unsaid, too: the layer below may have taken it and not have got rid of it.
            while (lower.write(unsaid)) {
                if (opening.isOver()) {
                    open();
                    return;
                }
                unsaid = ByteBuffer.wrap(opening.answer(heard));
                if (!unsaid.hasRemaining() && !opening.isOver()) {
                    return;
                }
            }
            lower.requestWrite();
        } catch (IOException e) {
            fail(e);
        }
    }

    private void open() {
        state = State.OPEN;
        events.onConnected();
        if (heard.hasRemaining() && state == State.OPEN) {
            announce();
        }
    }

    private void announce() {
        do {
            unread = false;
            events.onReadable();
        } while (unread && state == State.OPEN);
    }

    private void fail(IOException cause) {
        if (state != State.FAILED && state != State.CLOSED) {
            state = State.FAILED;
            events.onFailed(cause);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!heard.hasRemaining()) {
            heard = NOTHING;
            return lower.read(target);
        }
        int length = Math.min(heard.remaining(), target.remaining());
        target.put(target.position(), heard, heard.position(), length);
        target.position(target.position() + length);
        heard.position(heard.position() + length);
        unread = true;
        return length;
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        return lower.write(source);
    }

    @Override
    public void requestWrite() {
        lower.requestWrite();
    }

    @Override
    public void close() {
        state = State.CLOSED;
        lower.close();
    }
}
