package io.mallard.protocol.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Moves bytes in crumbs of random size, as a congested network might, and counts what it wrote.
 *
 * <p>Threading: as {@link Transport}.
 */
final class CrumblingTransport implements Transport {
    private static final int[] CRUMB_BYTES = {1, 2, 5, 700, 20_000};

    private final Transport lower;
    // Reader and writer have one each, so that each sees the same sequence in every run.
    private final Random readCrumbs;
    private final Random writeCrumbs;
    private final AtomicLong bytesWritten = new AtomicLong();

    CrumblingTransport(Transport lower, long seed) {
        this.lower = lower;
        this.readCrumbs = new Random(seed);
        this.writeCrumbs = new Random(seed + 1);
    }

    long bytesWritten() {
        return bytesWritten.get();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int limit = limitToACrumb(target, readCrumbs);
        try {
            return lower.read(target);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        int limit = limitToACrumb(source, writeCrumbs);
        int start = source.position();
        try {
            boolean flushed = lower.write(source);
            return flushed && source.position() == limit;
        } finally {
            bytesWritten.addAndGet(source.position() - start);
            source.limit(limit);
        }
    }

    private static int limitToACrumb(ByteBuffer buffer, Random random) {
        int limit = buffer.limit();
        int crumb = CRUMB_BYTES[random.nextInt(CRUMB_BYTES.length)];
        buffer.limit(buffer.position() + Math.min(crumb, buffer.remaining()));
        return limit;
    }

    @Override
    public void requestWrite() {
        lower.requestWrite();
    }

    @Override
    public void close() {
        lower.close();
    }
}
