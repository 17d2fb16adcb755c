package io.mallard.it.load;

import io.mallard.it.load.LatencyTimeline.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ticks of a timeline, in order: the newest in memory, all before them in a file that nobody else sees. An hour of them are a
 * hundred megabytes, and a run that watches its own heap must not be what fills it.
 *
 * <p>Threading: any thread; one lock guards everything, the file included.
 */
final class TickStore implements AutoCloseable {
    static final int BLOCK_TICKS = 50;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final List<Tick> newest = new ArrayList<>(BLOCK_TICKS);
    private final List<Block> blocks = new ArrayList<>();
    private @Nullable FileChannel file;
    private long fileBytes;

    // A carrier: nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    record Tick(Sample sample, byte[] histogram) {
        private static final int FIXED_BYTES = 7 * Double.BYTES + Long.BYTES + Integer.BYTES;

        private int bytes() {
            return FIXED_BYTES + histogram.length;
        }

        private void writeTo(ByteBuffer buffer) {
            Percentiles latencies = sample.latencies();
            buffer.putDouble(sample.atSeconds())
                    .putLong(latencies.count())
                    .putDouble(latencies.p50Ms())
                    .putDouble(latencies.p90Ms())
                    .putDouble(latencies.p95Ms())
                    .putDouble(latencies.p99Ms())
                    .putDouble(latencies.p999Ms())
                    .putDouble(latencies.maxMs())
                    .putInt(histogram.length)
                    .put(histogram);
        }

        private static Tick readFrom(ByteBuffer buffer) {
            double atSeconds = buffer.getDouble();
            Percentiles latencies = new Percentiles(
                    buffer.getLong(),
                    buffer.getDouble(),
                    buffer.getDouble(),
                    buffer.getDouble(),
                    buffer.getDouble(),
                    buffer.getDouble(),
                    buffer.getDouble());
            byte[] histogram = new byte[buffer.getInt()];
            buffer.get(histogram);
            return new Tick(new Sample(atSeconds, latencies), histogram);
        }
    }

    /** Ticks in the file, by the times of the first and the last one. */
    private record Block(double firstSeconds, double lastSeconds, long offset, int bytes) {
        boolean isOutside(Window window) {
            return lastSeconds <= window.fromSeconds() || firstSeconds > window.toSeconds();
        }
    }

    /** A tick that ended behind all that are there. */
    void add(Tick tick) {
        lock.lock();
        try {
            if (newest.size() == BLOCK_TICKS) {
                moveToFile();
            }
            newest.add(tick);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the latencies", e);
        } finally {
            lock.unlock();
        }
    }

    /** Shows the ticks that ended in this window, in their order. */
    void forEach(Window window, Consumer<Tick> consumer) {
        lock.lock();
        try {
            for (Block block : blocks) {
                if (!block.isOutside(window)) {
                    show(read(block), window, consumer);
                }
            }
            show(newest, window, consumer);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the latencies again", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private static void show(List<Tick> ticks, Window window, Consumer<Tick> consumer) {
        for (Tick tick : ticks) {
            if (window.contains(tick.sample().atSeconds())) {
                consumer.accept(tick);
            }
        }
    }

    private void moveToFile() throws IOException {
        ByteBuffer buffer =
                ByteBuffer.allocate(newest.stream().mapToInt(Tick::bytes).sum());
        newest.forEach(tick -> tick.writeTo(buffer));
        blocks.add(new Block(
                newest.get(0).sample().atSeconds(),
                newest.get(newest.size() - 1).sample().atSeconds(),
                fileBytes,
                buffer.position()));
        buffer.flip();
        FileChannel channel = file == null ? open() : file;
        file = channel;
        while (buffer.hasRemaining()) {
            fileBytes += channel.write(buffer, fileBytes);
        }
        newest.clear();
    }

    private List<Tick> read(Block block) throws IOException {
        FileChannel channel = file;
        if (channel == null) {
            throw new IllegalStateException("a block without a file");
        }
        ByteBuffer buffer = ByteBuffer.allocate(block.bytes());
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, block.offset() + buffer.position()) < 0) {
                throw new IOException("the file ends before byte " + (block.offset() + block.bytes()));
            }
        }
        buffer.flip();
        List<Tick> ticks = new ArrayList<>(BLOCK_TICKS);
        while (buffer.hasRemaining()) {
            ticks.add(Tick.readFrom(buffer));
        }
        return ticks;
    }

    private static FileChannel open() throws IOException {
        Path path = Files.createTempFile("mallard-latencies-", ".ticks");
        return FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }
}
