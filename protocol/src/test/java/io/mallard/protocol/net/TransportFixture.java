package io.mallard.protocol.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A running loop, the thread its TLS handshakes need, and the peer of a test.
 *
 * <p>Threading: owned by the test's thread.
 */
final class TransportFixture {
    private static final EventLoop.Agent NO_DEADLINES = new EventLoop.Agent() {
        @Override
        public long onTick(long nowNs) {
            return Long.MAX_VALUE; // So a missing wakeup is a test that does not end in time.
        }

        @Override
        public void onEnd() {}
    };

    final EventLoop loop;
    final Peer peer;
    final ExecutorService taskExecutor = Executors.newSingleThreadExecutor();
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();

    TransportFixture(Link link) throws Exception {
        loop = new EventLoop("loop-under-test", uncaught::add);
        loop.start(NO_DEADLINES);
        peer = new Peer(link.listen(), link::farEnd);
    }

    TestOwner connect(Link link) {
        return connect(link, new TestOwner(loop));
    }

    TestOwner connect(Link link, TestOwner owner) {
        return owner.connect(events -> link.connect(loop, peer.address(), events, taskExecutor));
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    /** Reproducible bytes that no shift or loss leaves equal. */
    static byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        new Random(bytes).nextBytes(payload);
        return payload;
    }

    void end() throws Exception {
        loop.close();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        peer.end();
        taskExecutor.shutdownNow();
        assertThat(taskExecutor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(uncaught).isEmpty();
    }
}
