package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.protocol.net.Transport;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes everything, or nothing while it is full, and allocates nothing; what it gives is the handshake of a server. */
public final class DiscardingTransport implements Transport {
    private long discardedBytes;
    private boolean full;
    private @Nullable Events owner;

    /** Whose events are this socket's. */
    public DiscardingTransport of(Events events) {
        owner = events;
        return this;
    }

    private Events owner() {
        return Objects.requireNonNull(owner);
    }

    public long discardedBytes() {
        return discardedBytes;
    }

    public void setFull(boolean isFull) {
        full = isFull;
    }

    @Override
    public int read(ByteBuffer target) {
        target.put("INFO {}\r\nPONG\r\n".getBytes(US_ASCII));
        return target.position();
    }

    @Override
    public boolean write(ByteBuffer source) {
        if (full) {
            return !source.hasRemaining();
        }
        discardedBytes += source.remaining();
        source.position(source.limit());
        return true;
    }

    /** A loop with nothing else to do would call at once, and so does this. */
    @Override
    public void requestWrite() {
        if (!full) {
            owner().onWritable();
        }
    }

    @Override
    public void events(Events newOwner) {
        owner = newOwner;
    }

    @Override
    public void close() {}
}
