package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.protocol.net.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * A socket that takes as many bytes as a test lets it, and gives those a test puts in.
 *
 * <p>Threading: as {@link Transport}; what was written may be looked at once the writers are done.
 */
public final class FakeTransport implements Transport {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ByteArrayOutputStream toRead = new ByteArrayOutputStream();
    private IntSupplier room = () -> Integer.MAX_VALUE;
    private Runnable beforeWrite = () -> {};
    private Runnable loop = () -> {};
    private IOException broken;
    private boolean ended;
    private final AtomicInteger writeRequests = new AtomicInteger();
    private volatile boolean closed;

    /** How many bytes each write takes at most. */
    public void room(IntSupplier bytesPerWrite) {
        room = bytesPerWrite;
    }

    /** What a loop does that has nothing else to do when it is asked to write. */
    public void loop(Runnable turn) {
        loop = turn;
    }

    void beforeWrite(Runnable action) {
        beforeWrite = action;
    }

    /** Every write from now on fails. */
    public void breakWith(IOException cause) {
        broken = cause;
    }

    public void put(String bytes) {
        toRead.writeBytes(bytes.getBytes(UTF_8));
    }

    /** After what was put in comes the end of the stream. */
    public void end() {
        ended = true;
    }

    /** What was written since the last call. */
    public String takeWritten() {
        String text = written();
        written.reset();
        return text;
    }

    String written() {
        return written.toString(UTF_8);
    }

    int writeRequests() {
        return writeRequests.get();
    }

    /** How often the loop was asked to write since the last call. */
    int takeWriteRequests() {
        return writeRequests.getAndSet(0);
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public int read(ByteBuffer target) {
        if (toRead.size() == 0) {
            return ended ? -1 : 0;
        }
        byte[] bytes = toRead.toByteArray();
        toRead.reset();
        target.put(bytes);
        return bytes.length;
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        beforeWrite.run();
        if (closed) {
            throw new ClosedChannelException();
        }
        if (broken != null) {
            throw broken;
        }
        int taken = Math.min(source.remaining(), room.getAsInt());
        byte[] bytes = new byte[taken];
        source.get(bytes);
        written.writeBytes(bytes);
        return !source.hasRemaining();
    }

    @Override
    public void requestWrite() {
        writeRequests.incrementAndGet();
        loop.run();
    }

    @Override
    public void events(Events newOwner) {}

    @Override
    public void close() {
        closed = true;
    }
}
