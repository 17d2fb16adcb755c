package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class EventLoopTest {
    private static final long NEVER = Long.MAX_VALUE;

    private final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
    private EventLoop loop;

    @BeforeEach
    void open() throws IOException {
        loop = new EventLoop("loop-under-test", uncaught::add);
    }

    @AfterEach
    void end() throws InterruptedException {
        loop.close();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
        assertThat(uncaught).isEmpty();
    }

    @Test
    void runsTasksOnItsThreadInTheOrderOfTheCalls() throws Exception {
        loop.start(new TestAgent());
        List<Integer> ran = new ArrayList<>();
        CompletableFuture<Boolean> inLoop = new CompletableFuture<>();

        for (int i = 0; i < 1000; i++) {
            int number = i;
            loop.execute(() -> ran.add(number));
        }
        loop.execute(() -> inLoop.complete(loop.inLoop()));

        assertThat(await(inLoop)).isTrue();
        assertThat(loop.inLoop()).isFalse();
        assertThat(ran).hasSize(1000).isSorted();
    }

    @Test
    void runsATaskThatATaskHasQueued() throws Exception {
        loop.start(new TestAgent());
        CompletableFuture<Void> second = new CompletableFuture<>();

        loop.execute(() -> loop.execute(() -> second.complete(null)));

        await(second);
    }

    @Test
    void ticksWhenTheAgentHasAskedForIt() throws Exception {
        long delayNs = TimeUnit.MILLISECONDS.toNanos(30);
        TestAgent agent = new TestAgent(delayNs);
        loop.start(agent);

        long firstNs = agent.nextTick();
        long secondNs = agent.nextTick();

        assertThat(secondNs - firstNs).isBetween(delayNs, delayNs + TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void ticksAtOnceWhenWoken() throws Exception {
        TestAgent agent = new TestAgent();
        loop.start(agent);
        agent.nextTick();

        loop.wakeup();
        agent.nextTick();
        loop.wakeup();
        agent.nextTick();
    }

    @Test
    void tellsHowLongATurnHasTakenWithoutTheWait() throws Exception {
        long busyNs = TimeUnit.MILLISECONDS.toNanos(20);
        long idleNs = TimeUnit.MILLISECONDS.toNanos(100);
        Queue<Long> turnsNs = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> started = new CompletableFuture<>();
        CompletableFuture<Void> waited = new CompletableFuture<>();
        AtomicInteger ticksBehindTheTask = new AtomicInteger(-1);
        loop.start(new EventLoop.Agent() {
            @Override
            public long onTick(long nowNs) {
                int ticks = ticksBehindTheTask.get() < 0 ? -1 : ticksBehindTheTask.incrementAndGet();
                if (ticks == 2) {
                    waited.complete(null);
                }
                return ticks == 1 ? idleNs : NEVER;
            }

            @Override
            public void onTurnEnd(long tookNs) {
                turnsNs.add(tookNs);
            }

            @Override
            public void onEnd() {}
        });
        loop.execute(() -> started.complete(null));
        await(started);
        long startNs = System.nanoTime();

        loop.execute(() -> {
            long untilNs = System.nanoTime() + busyNs;
            while (System.nanoTime() - untilNs < 0) {
                Thread.onSpinWait();
            }
            ticksBehindTheTask.set(0);
        });
        await(waited);

        long elapsedNs = System.nanoTime() - startNs;
        assertThat(turnsNs).anyMatch(tookNs -> tookNs >= busyNs);
        assertThat(turnsNs.stream().mapToLong(tookNs -> tookNs).max().orElse(0)).isLessThan(elapsedNs - idleNs);
    }

    @Test
    void outlivesFailingTasks() throws Exception {
        loop.start(new TestAgent());
        CompletableFuture<Void> next = new CompletableFuture<>();
        IllegalStateException failure = new IllegalStateException("task");
        AssertionError error = new AssertionError("task");

        loop.execute(() -> {
            throw failure;
        });
        loop.execute(() -> {
            throw error;
        });
        loop.execute(() -> next.complete(null));

        await(next);
        assertThat(nextUncaught()).isSameAs(failure);
        assertThat(nextUncaught()).isSameAs(error);
    }

    @Test
    void outlivesAFailingAgent() throws Exception {
        IllegalStateException failure = new IllegalStateException("tick");
        AtomicInteger ticks = new AtomicInteger();
        CompletableFuture<Void> later = new CompletableFuture<>();
        loop.start(new EventLoop.Agent() {
            @Override
            public long onTick(long nowNs) {
                if (ticks.getAndIncrement() == 0) {
                    throw failure;
                }
                later.complete(null);
                return NEVER;
            }

            @Override
            public void onEnd() {}
        });

        await(later);
        assertThat(nextUncaught()).isSameAs(failure);
    }

    @Test
    void failsTheTransportWhoseHandlerFails() throws Exception {
        loop.start(new TestAgent());
        IllegalStateException failure = new IllegalStateException("handler");
        CompletableFuture<IOException> failed = new CompletableFuture<>();
        Transport.Events events = new Transport.Events() {
            @Override
            public void onConnected() {
                throw failure;
            }

            @Override
            public void onReadable() {}

            @Override
            public void onWritable() {}

            @Override
            public void onFailed(IOException cause) {
                failed.complete(cause);
            }
        };
        try (ServerSocket server = listen()) {
            connect(server, events);
            try (Socket accepted = server.accept()) {
                accepted.setSoTimeout(10_000);

                assertThat(await(failed)).hasCause(failure);
                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(nextUncaught()).isSameAs(failure);
    }

    @Test
    void isNotKeptAwakeByAnInterruptLeftBehind() throws Exception {
        TestAgent agent = new TestAgent();
        loop.start(agent);
        agent.nextTick();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();

        loop.execute(() -> Thread.currentThread().interrupt());
        agent.nextTick();
        loop.execute(() -> interrupted.complete(Thread.currentThread().isInterrupted()));

        assertThat(await(interrupted)).isFalse();
    }

    @Test
    void endsItsThreadAndItsChannelsWhenClosed() throws Exception {
        TestAgent agent = new TestAgent();
        loop.start(agent);
        CompletableFuture<Void> queued = new CompletableFuture<>();
        try (ServerSocket server = listen()) {
            TestOwner owner = connect(server, null);
            try (Socket accepted = server.accept()) {
                accepted.setSoTimeout(10_000);
                await(owner.connected);

                loop.execute(() -> queued.complete(null));
                loop.close();

                assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();
                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(queued).isCompleted();
        assertThat(agent.ended.getCount()).isZero();
    }

    @Test
    void refusesTasksOnceClosed() throws Exception {
        loop.start(new TestAgent());
        loop.close();

        assertThatThrownBy(() -> loop.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("loop-under-test");
    }

    /** A loop that loses such tasks does so in every fifteenth run. */
    @RepeatedTest(100)
    void runsOrRefusesEveryTaskThatRacesWithClose() throws Exception {
        loop.start(new TestAgent());
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger accepted = new AtomicInteger();
        CountDownLatch racing = new CountDownLatch(1);
        Thread racer = new Thread(() -> {
            try {
                while (true) {
                    loop.execute(ran::incrementAndGet);
                    accepted.incrementAndGet();
                    racing.countDown();
                }
            } catch (RejectedExecutionException e) {
                // Closed: what was accepted must have run.
            }
        });
        racer.start();
        assertThat(racing.await(10, TimeUnit.SECONDS)).isTrue();

        loop.close();
        racer.join(10_000);
        assertThat(racer.isAlive()).isFalse();
        assertThat(loop.awaitEnd(TimeUnit.SECONDS.toNanos(10))).isTrue();

        assertThat(ran).hasValue(accepted.get());
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
        return server;
    }

    private TestOwner connect(ServerSocket server, Transport.Events events) {
        InetSocketAddress address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
        return new TestOwner(loop)
                .connect(owner -> TcpTransport.connect(loop, address, events == null ? owner : events));
    }

    private Throwable nextUncaught() throws InterruptedException {
        return uncaught.poll(10, TimeUnit.SECONDS);
    }

    /** Asks for the given delays, one after the other, and then for none. */
    private static final class TestAgent implements EventLoop.Agent {
        final CountDownLatch ended = new CountDownLatch(1);
        private final BlockingQueue<Long> ticks = new LinkedBlockingQueue<>();
        private final long[] delaysNs;
        private int next;

        TestAgent(long... delaysNs) {
            this.delaysNs = delaysNs;
        }

        /** The time the agent was given. */
        long nextTick() throws InterruptedException {
            Long nowNs = ticks.poll(10, TimeUnit.SECONDS);
            assertThat(nowNs).as("tick within 10 s").isNotNull();
            return nowNs;
        }

        @Override
        public long onTick(long nowNs) {
            ticks.add(nowNs);
            return next < delaysNs.length ? delaysNs[next++] : NEVER;
        }

        @Override
        public void onEnd() {
            ended.countDown();
        }
    }
}
