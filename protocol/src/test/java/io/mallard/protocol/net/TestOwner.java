package io.mallard.protocol.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a connection does with its transport, without a protocol: reads once whenever told, writes what it is given, by
 * the thread that gives it if the write token is free.
 *
 * <p>Threading: {@link #send} from any thread; the futures are completed on the loop.
 */
final class TestOwner implements Transport.Events {
    /** Makes the transport of an owner, on the loop. */
    interface Connect {
        Transport to(Transport.Events events) throws Exception;
    }

    final CompletableFuture<Void> connected = new CompletableFuture<>();
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    final CompletableFuture<IOException> failed = new CompletableFuture<>();
    /** The thread of the first write that did not reach the socket in full. */
    final CompletableFuture<Thread> shortWrite = new CompletableFuture<>();
    /** The thread that was told of room after that. */
    final CompletableFuture<Thread> writable = new CompletableFuture<>();

    final AtomicInteger eventCount = new AtomicInteger();

    private final EventLoop loop;

    // Owned by the loop.
    private final ByteBuffer target;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int expectedBytes;
    private CompletableFuture<byte[]> expected = new CompletableFuture<>();

    // Written by the loop before connected is completed.
    private volatile Transport transport;

    // The head is owned by the holder of the token: whoever raises demands from 0.
    private final Queue<ByteBuffer> outbound = new ConcurrentLinkedQueue<>();
    private final AtomicInteger demands = new AtomicInteger();

    TestOwner(EventLoop loop) {
        this(loop, loop.readBuffer().capacity());
    }

    TestOwner(EventLoop loop, int targetBytes) {
        this.loop = loop;
        this.target = ByteBuffer.allocateDirect(targetBytes);
    }

    TestOwner connect(Connect connect) {
        loop.execute(() -> {
            try {
                transport = connect.to(this);
            } catch (IOException e) {
                failed.complete(e);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        return this;
    }

    Transport transport() {
        return transport;
    }

    void transport(Transport replacement) {
        transport = replacement;
    }

    void send(byte[] bytes) {
        send(bytes, 0, bytes.length);
    }

    void send(byte[] bytes, int offset, int length) {
        outbound.add(ByteBuffer.wrap(bytes, offset, length));
        drain();
    }

    /** Completed with everything received so far, as soon as that is so many bytes. */
    CompletableFuture<byte[]> received(int bytes) {
        CompletableFuture<byte[]> asked = new CompletableFuture<>();
        loop.execute(() -> {
            expected = asked;
            expectedBytes = bytes;
            completeExpected();
        });
        return asked;
    }

    void close() {
        loop.execute(() -> transport.close());
    }

    private void completeExpected() {
        if (expectedBytes > 0 && received.size() >= expectedBytes) {
            expected.complete(received.toByteArray());
        }
    }

    @Override
    public void onConnected() {
        eventCount.incrementAndGet();
        connected.complete(null);
    }

    @Override
    public void onReadable() {
        eventCount.incrementAndGet();
        target.clear();
        int count;
        try {
            count = transport.read(target);
        } catch (IOException e) {
            fail(e);
            return;
        }
        target.flip();
        while (target.hasRemaining()) {
            received.write(target.get());
        }
        completeExpected();
        if (count < 0) {
            ended.complete(null);
            transport.close();
        }
    }

    @Override
    public void onWritable() {
        eventCount.incrementAndGet();
        writable.complete(Thread.currentThread());
        drain();
    }

    @Override
    public void onFailed(IOException cause) {
        eventCount.incrementAndGet();
        fail(cause);
    }

    private void fail(IOException cause) {
        failed.complete(cause);
        transport.close();
    }

    private void drain() {
        if (demands.getAndIncrement() > 0) {
            return; // The holder sees the demand and goes round again.
        }
        int served;
        do {
            served = demands.get();
            try {
                writeOut();
            } catch (IOException e) {
                loop.execute(() -> fail(e));
            }
        } while (demands.addAndGet(-served) > 0);
    }

    private void writeOut() throws IOException {
        while (true) {
            ByteBuffer head = outbound.peek();
            boolean flushed = transport.write(head == null ? ByteBuffer.allocate(0) : head);
            if (head != null && !head.hasRemaining()) {
                outbound.remove();
            }
            if (!flushed) {
                shortWrite.complete(Thread.currentThread());
                transport.requestWrite();
                return;
            }
            if (head == null) {
                return;
            }
        }
    }
}
