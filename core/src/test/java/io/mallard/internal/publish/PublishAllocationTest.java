package io.mallard.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mallard.ConnectionOptions;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.DiscardingTransport;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ConnectInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a publish allocates on its way to the socket, counted by the JVM on the test's own thread. */
class PublishAllocationTest {
    private static final int MESSAGES = 1_000;
    private static final int WARM_UP_ROUNDS = 50;
    /** The reading itself allocates a little, and so may the JVM; less than one byte per message. */
    private static final long NOISE_BYTES = MESSAGES - 1;

    private static final int THREADS = 8;
    private static final long SMALLEST_OBJECT_BYTES = 16;
    private static final long PLACE_IN_QUEUE_BYTES = 40;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final DiscardingTransport transport = new DiscardingTransport();
    private final ServerConnection connection;
    private final Publisher publisher;

    PublishAllocationTest() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        connection = ServerConnection.open(
                neverStarted,
                new ServerAddress("a", 4222),
                transport::of,
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                Long.MAX_VALUE,
                new RecordingOwner());
        connection.onConnected();
        connection.onReadable();
        publisher =
                new Publisher(new Router(Route.to(connection)), neverStarted, TimeUnit.SECONDS.toNanos(10), full -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 64 << 10})
    void publishingAllocatesNothing(int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        long before = transport.discardedBytes();

        long allocated = bytesAllocatedBy(() -> {
            for (int i = 0; i < MESSAGES; i++) {
                publisher.publish("pond.duck", null, payload, 0, payload.length);
            }
        });

        assertThat(transport.discardedBytes() - before).isGreaterThan((WARM_UP_ROUNDS + 1L) * MESSAGES * payloadBytes);
        assertThat(allocated).isLessThanOrEqualTo(NOISE_BYTES);
    }

    @Test
    void publishingFromABufferAllocatesNothing() {
        ByteBuffer payload = ByteBuffer.allocateDirect(128);

        assertThat(bytesAllocatedBy(() -> {
                    for (int i = 0; i < MESSAGES; i++) {
                        publisher.publish("pond.duck", "reply", null, payload);
                    }
                }))
                .isLessThanOrEqualTo(NOISE_BYTES);
    }

    /** A socket that is full again and again lets batches grow to megabytes, which must not be allocated anew. */
    @Test
    void publishingInBurstsAllocatesNothing() {
        byte[] payload = new byte[64 << 10];

        assertThat(bytesAllocatedBy(() -> {
                    for (int burst = 0; burst < MESSAGES / 40; burst++) {
                        transport.setFull(true);
                        for (int i = 0; i < 40; i++) {
                            publisher.publish("pond.duck", null, payload, 0, payload.length);
                        }
                        transport.setFull(false);
                        connection.onWritable();
                    }
                }))
                .isLessThanOrEqualTo(NOISE_BYTES);
    }

    /**
     * Who has to wait for the lock of the buffer allocates its place in the queue; nobody allocates anything per message. While
     * 64 KiB are copied under it, as good as everybody may have to wait: then it is that place and no more.
     */
    @ParameterizedTest
    @ValueSource(ints = {16, 64 << 10})
    void publishingFromEightThreadsAllocatesNoObjectPerMessage(int payloadBytes) throws Exception {
        int messages = payloadBytes < 1_000 ? 50_000 : 500;
        byte[] payload = new byte[payloadBytes];
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService publishers = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Long>> allocated = publishers.invokeAll(Collections.nCopies(THREADS, () -> {
                publish(payload, messages);
                start.await(10, TimeUnit.SECONDS);
                long before = threads.getCurrentThreadAllocatedBytes();
                publish(payload, messages);
                return threads.getCurrentThreadAllocatedBytes() - before;
            }));
            long sum = 0;
            for (Future<Long> one : allocated) {
                sum += one.get();
            }
            assertThat(sum / ((long) THREADS * messages))
                    .isLessThan(payloadBytes < 1_000 ? SMALLEST_OBJECT_BYTES : PLACE_IN_QUEUE_BYTES);
        } finally {
            publishers.shutdown();
            assertThat(publishers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void publish(byte[] payload, int messages) {
        for (int i = 0; i < messages; i++) {
            publisher.publish("pond.duck", null, payload, 0, payload.length);
        }
    }

    private long bytesAllocatedBy(Runnable action) {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            action.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
