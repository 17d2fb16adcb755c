package io.mallard.it.support;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * One direction of a {@link ProxiedConnection}: what comes out of one socket goes into the other, in order, later by the delay of its time. The
 * end of the stream is late by as much.
 *
 * <p>Threading: a reader thread puts the time at which it is due on every chunk, a writer thread waits for that time. So many chunks are
 * under way at once; when the queue is full, the reader waits and with it, as TCP has it, the sender.
 */
final class DelayLine {
    private static final int CHUNK_BYTES = 8 << 10;
    /** At most 64 MiB, and no limit to the throughput below 160,000 reads a second at 50 ms. */
    private static final int CHUNKS_UNDER_WAY = 8 << 10;

    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private enum Kind {
        DATA,
        END,
        RESET
    }

    // A carrier: nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    private record Chunk(Kind kind, byte[] bytes, long dueNs) {}

    private final ProxiedConnection connection;
    private final Socket from;
    private final Socket to;
    private final LongSupplier delayNs;
    private final LongAdder forwardedBytes;
    private final BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(CHUNKS_UNDER_WAY);
    private final Thread reader;
    private final Thread writer;

    DelayLine(
            String name,
            ProxiedConnection connection,
            Socket from,
            Socket to,
            LongSupplier delayNs,
            LongAdder forwardedBytes) {
        this.connection = connection;
        this.from = from;
        this.to = to;
        this.delayNs = delayNs;
        this.forwardedBytes = forwardedBytes;
        this.reader = new Thread(this::read, name + "-reader");
        this.writer = new Thread(this::write, name + "-writer");
        reader.setDaemon(true);
        writer.setDaemon(true);
    }

    void start() {
        reader.start();
        writer.start();
    }

    /** Ends the threads, whose sockets must have been closed already. */
    void interrupt() {
        reader.interrupt();
        writer.interrupt();
    }

    void join() throws InterruptedException {
        reader.join(JOIN_TIMEOUT.toMillis());
        writer.join(JOIN_TIMEOUT.toMillis());
    }

    private void read() {
        byte[] buffer = new byte[CHUNK_BYTES];
        try {
            Kind end = Kind.END;
            try {
                for (int count = from.getInputStream().read(buffer);
                        count >= 0;
                        count = from.getInputStream().read(buffer)) {
                    put(Kind.DATA, Arrays.copyOf(buffer, count));
                }
            } catch (IOException e) {
                end = Kind.RESET;
            }
            put(end, new byte[0]);
        } catch (InterruptedException e) {
            // The connection has been ended.
        }
    }

    private void put(Kind kind, byte[] bytes) throws InterruptedException {
        underWay.put(new Chunk(kind, bytes, System.nanoTime() + delayNs.getAsLong()));
    }

    private void write() {
        try {
            Chunk chunk = takeWhenDue();
            while (chunk.kind() == Kind.DATA) {
                forward(chunk.bytes());
                chunk = takeWhenDue();
            }
            if (chunk.kind() == Kind.RESET) {
                connection.reset();
            } else {
                connection.onEndOfStream(to);
            }
        } catch (InterruptedException e) {
            // The connection has been ended.
        }
    }

    private Chunk takeWhenDue() throws InterruptedException {
        Chunk chunk = underWay.take();
        long leftNs = chunk.dueNs() - System.nanoTime();
        while (leftNs > 0) {
            TimeUnit.NANOSECONDS.sleep(leftNs);
            leftNs = chunk.dueNs() - System.nanoTime();
        }
        return chunk;
    }

    private void forward(byte[] bytes) {
        try {
            to.getOutputStream().write(bytes);
            forwardedBytes.add(bytes.length);
        } catch (IOException e) {
            // Who should have got this is gone. The other direction hears of it from the same socket, and may still
            // have
            // something under way that was sent before.
        }
    }
}
