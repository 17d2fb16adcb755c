package io.mallard.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The control: whatever this process really leaks, the figures show and the rule notices. */
class ProcessFiguresTest {
    private static final int SAMPLES = 60;

    private final List<Object> leaked = new ArrayList<>();

    @Test
    void isFlatWhenNothingIsLeaked() {
        assertThat(growing(() -> {})).isEmpty();
    }

    @Test
    void noticesMemoryThatIsKept() {
        assertThat(growing(() -> leaked.add(new byte[100_000]))).containsExactly(Gauge.LIVE_HEAP);
    }

    @Test
    void doesNotMindGarbage() {
        assertThat(growing(() -> {
                    leaked.clear();
                    leaked.add(new byte[10_000_000]);
                }))
                .isEmpty();
    }

    @Test
    void noticesBuffersThatAreKept() {
        assertThat(growing(() -> leaked.add(ByteBuffer.allocateDirect(64 << 10))))
                .containsExactly(Gauge.DIRECT_MEMORY);
    }

    @Test
    void noticesThreadsThatStay() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        try {
            assertThat(growing(() -> threads.add(started(end, "mallard-leak"))))
                    .containsExactly(Gauge.CLIENT_THREADS, Gauge.THREADS);
            threads.clear();
            assertThat(growing(() -> threads.add(started(end, "judge-leak")))).containsExactly(Gauge.THREADS);
        } finally {
            end.countDown();
        }
    }

    @Test
    void noticesDescriptorsThatStayOpen() throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        try {
            assertThat(growing(() -> {
                        try {
                            channels.add(SocketChannel.open());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }))
                    .containsExactly(Gauge.DESCRIPTORS);
        } finally {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    /** What grows while this happens before every sample. */
    private static List<Gauge> growing(Runnable before) {
        List<ProcessFigures> samples = new ArrayList<>();
        for (int second = 0; second < SAMPLES; second++) {
            before.run();
            samples.add(ProcessFigures.take(second));
        }
        return Flatness.of(samples, Duration.ZERO).trends().stream()
                .filter(trend -> !trend.isFlat())
                .map(Trend::gauge)
                .toList();
    }

    private static Thread started(CountDownLatch end, String name) {
        Thread thread = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
