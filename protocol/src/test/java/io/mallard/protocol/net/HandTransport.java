package io.mallard.protocol.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * A stream whose other side is the test itself, which says how its bytes come and go.
 *
 * <p>Threading: used by one thread.
 */
final class HandTransport implements Transport {
    private Events events;
    private ByteBuffer said = ByteBuffer.allocate(0);
    private boolean ended;
    private boolean closed;
    private int readBytes;
    private int mostWrittenAtOnce = Integer.MAX_VALUE;
    private boolean writeRequested;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    HandTransport(Events events) {
        this.events = events;
    }

    void connected() {
        events.onConnected();
    }

    /** Says this and tells of it until it is read, or nobody wants it. */
    void say(byte[] bytes, int offset, int length) {
        said = ByteBuffer.wrap(bytes, offset, length);
        int left = -1;
        while (said.hasRemaining() && !closed && said.remaining() != left) {
            left = said.remaining();
            events.onReadable();
        }
    }

    void say(byte[] bytes) {
        say(bytes, 0, bytes.length);
    }

    void end() {
        ended = true;
        events.onReadable();
    }

    void takeAtOnce(int bytes) {
        mostWrittenAtOnce = bytes;
    }

    /** Has room whenever it was asked for some. */
    void makeRoom() {
        while (writeRequested) {
            writeRequested = false;
            events.onWritable();
        }
    }

    int readBytes() {
        return readBytes;
    }

    boolean isClosed() {
        return closed;
    }

    byte[] written() {
        return written.toByteArray();
    }

    @Override
    public int read(ByteBuffer target) throws ClosedChannelException {
        requireOpen();
        if (!said.hasRemaining()) {
            return ended ? -1 : 0;
        }
        int length = Math.min(said.remaining(), target.remaining());
        target.put(target.position(), said, said.position(), length);
        target.position(target.position() + length);
        said.position(said.position() + length);
        readBytes += length;
        return length;
    }

    @Override
    public boolean write(ByteBuffer source) throws ClosedChannelException {
        requireOpen();
        for (int i = 0; i < mostWrittenAtOnce && source.hasRemaining(); i++) {
            written.write(source.get());
        }
        return !source.hasRemaining();
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public void requestWrite() {
        writeRequested = true;
    }

    @Override
    public void events(Events newOwner) {
        events = newOwner;
    }

    @Override
    public void close() {
        closed = true;
    }
}
