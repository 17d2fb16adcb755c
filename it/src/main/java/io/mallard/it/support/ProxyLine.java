package io.mallard.it.support;

import io.mallard.it.support.LineFaults.Chunk;
import io.mallard.it.support.LineFaults.Kind;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * One direction of a {@link ProxiedConnection}: what comes out of one socket goes into the other, in order, as {@link LineFaults} says.
 * The end of the stream is late by as much as the bytes.
 *
 * <p>Threading: a reader thread puts the time at which it is due on every chunk, a writer thread waits for that time. So many chunks are
 * under way at once; when the queue is full, the reader waits and with it, as TCP has it, the sender.
 */
final class ProxyLine {
    private static final int CHUNK_BYTES = 8 << 10;
    /** At most 64 MiB, and no limit to the throughput below 160,000 reads a second at 50 ms. */
    private static final int CHUNKS_UNDER_WAY = 8 << 10;

    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private final ProxiedConnection connection;
    private final Socket from;
    private final Socket to;
    private final LineFaults faults;
    private final LongAdder forwardedBytes;
    private final BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(CHUNKS_UNDER_WAY);
    private final Thread reader;
    private final Thread writer;

    ProxyLine(
            String name,
            ProxiedConnection connection,
            Socket from,
            Socket to,
            LineFaults faults,
            LongAdder forwardedBytes) {
        this.connection = connection;
        this.from = from;
        this.to = to;
        this.faults = faults;
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
                    pass(Arrays.copyOf(buffer, count));
                }
            } catch (IOException e) {
                end = Kind.RESET;
            }
            faults.awaitFlow();
            underWay.put(faults.onEnd(end, System.nanoTime()));
        } catch (InterruptedException e) {
            // The connection has been ended.
        }
    }

    private void pass(byte[] bytes) throws InterruptedException {
        faults.awaitFlow();
        long nowNs = System.nanoTime();
        for (Chunk chunk : faults.onBytes(bytes, nowNs)) {
            underWay.put(chunk);
        }
        sleepUntil(faults.readAgainNs(nowNs));
    }

    private void write() {
        try {
            Chunk chunk = takeWhenDue();
            while (chunk.kind() == Kind.DATA) {
                forward(chunk.bytes());
                chunk = takeWhenDue();
            }
            switch (chunk.kind()) {
                case RESET -> connection.onReset(from);
                case CUT -> connection.cut();
                case SWALLOWED_END -> connection.onSwallowedEnd();
                default -> connection.onEndOfStream(to);
            }
        } catch (InterruptedException e) {
            // The connection has been ended.
        }
    }

    private Chunk takeWhenDue() throws InterruptedException {
        Chunk chunk = underWay.take();
        sleepUntil(chunk.dueNs());
        return chunk;
    }

    private static void sleepUntil(long dueNs) throws InterruptedException {
        long leftNs = dueNs - System.nanoTime();
        while (leftNs > 0) {
            TimeUnit.NANOSECONDS.sleep(leftNs);
            leftNs = dueNs - System.nanoTime();
        }
    }

    private void forward(byte[] bytes) {
        try {
            to.getOutputStream().write(bytes);
            forwardedBytes.add(bytes.length);
        } catch (IOException e) {
            // Who should have got this is gone. The other direction hears of it from the same socket, and may still
            // have something under way that was sent before.
        }
    }
}
