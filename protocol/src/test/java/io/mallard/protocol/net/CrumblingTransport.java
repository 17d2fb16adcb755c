package io.mallard.protocol.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Moves bytes in crumbs of the given sizes, at random, as a congested network might, and remembers what it wrote.
 *
 * <p>Threading: as {@link Transport}.
 */
final class CrumblingTransport implements Transport {
    private final Transport lower;
    private final int[] crumbBytes;
    // Reader and writer have one each, so that each sees the same sequence in every run.
    private final Random readCrumbs = new Random(1);
    private final Random writeCrumbs = new Random(2);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    CrumblingTransport(Transport lower, int... crumbBytes) {
        this.lower = lower;
        this.crumbBytes = crumbBytes;
    }

    byte[] written() {
        return written.toByteArray();
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
        ByteBuffer crumb = source.duplicate();
        try {
            return lower.write(source) && source.position() == limit;
        } finally {
            while (crumb.position() < source.position()) {
                written.write(crumb.get());
            }
            source.limit(limit);
        }
    }

    private int limitToACrumb(ByteBuffer buffer, Random random) {
        int limit = buffer.limit();
        int crumb = crumbBytes[random.nextInt(crumbBytes.length)];
        buffer.limit(buffer.position() + Math.min(crumb, buffer.remaining()));
        return limit;
    }

    @Override
    public void requestWrite() {
        lower.requestWrite();
    }

    @Override
    public void events(Events newOwner) {
        lower.events(newOwner);
    }

    @Override
    public void close() {
        lower.close();
    }
}
