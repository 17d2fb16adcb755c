package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Handlers on threads of the user's. */
@NoLeaks
class ExecutorIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(200);

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    private final List<ExecutorService> executors = new ArrayList<>();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private RawNats peer;

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void connectPeer() {
        peer = RawNats.connect(server.url(), message -> {});
    }

    @AfterEach
    void endAll() throws InterruptedException {
        goOn.countDown();
        peer.close();
        for (ExecutorService executor : executors) {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private NatsClient connect(ExecutorService executor) {
        executors.add(executor);
        return clients.connect(
                NatsOptions.builder().servers(server.url()).executor(executor).listener(events));
    }

    private void publish(String subject, long first, long last) {
        LongStream.rangeClosed(first, last).forEach(i -> peer.publish(subject, Numbers.payload(i)));
        peer.ping();
    }

    private void awaitGoOn() throws InterruptedException {
        assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    /** What one subscription has got, and whether its handler ever ran twice at a time. */
    private static final class Recorder {
        final Numbers numbers = new Numbers();
        final AtomicInteger twiceAtATime = new AtomicInteger();
        private final AtomicInteger running = new AtomicInteger();

        void onMessage(NatsMessage message, Set<String> threads) {
            if (running.incrementAndGet() != 1) {
                twiceAtATime.incrementAndGet();
            }
            threads.add(Thread.currentThread().getName());
            numbers.add(message.payload());
            running.decrementAndGet();
        }
    }

    @Test
    void eachSubscriptionKeepsItsOrderOnAParallelExecutor() {
        int messages = 20_000;
        Set<String> threads = ConcurrentHashMap.newKeySet();
        AtomicInteger made = new AtomicInteger();
        ExecutorService parallel =
                Executors.newFixedThreadPool(4, task -> new Thread(task, "parallel-" + made.incrementAndGet()));
        try (NatsClient client = connect(parallel)) {
            List<Recorder> recorders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Recorder recorder = new Recorder();
                recorders.add(recorder);
                client.subscribe("x.order", message -> recorder.onMessage(message, threads));
            }
            client.flush(TIMEOUT);

            publish("x.order", 1, messages);

            for (Recorder recorder : recorders) {
                Eventually.eventually("all messages", () -> recorder.numbers.count() == messages);
                assertThat(recorder.numbers.received()).isEqualTo(numbers(1, messages));
                assertThat(recorder.twiceAtATime).hasValue(0);
            }
            assertThat(threads)
                    .as("it was parallel")
                    .hasSizeGreaterThan(1)
                    .allMatch(name -> name.startsWith("parallel"));
        }
    }

    /** A thousand handlers that block at a time, each on a virtual thread. */
    @Test
    void handlersRunOnVirtualThreads() throws Exception {
        assumeTrue(
                Runtime.version().feature() >= 21,
                "this JDK is " + Runtime.version() + ": virtual threads are there from 21 on; run it with -Djvm=…");
        ExecutorService virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        int subscriptions = 1_000;
        int messages = 20;
        AtomicInteger platformThreads = new AtomicInteger();
        CountDownLatch allAtATime = new CountDownLatch(subscriptions);
        List<Numbers> all = new ArrayList<>();
        try (NatsClient client = connect(virtual)) {
            for (int i = 0; i < subscriptions; i++) {
                Numbers own = new Numbers();
                all.add(own);
                client.subscribe("x.virtual", message -> {
                    if (!(boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread())) {
                        platformThreads.incrementAndGet();
                    }
                    allAtATime.countDown();
                    awaitGoOn();
                    own.add(message.payload());
                });
            }
            client.flush(TIMEOUT);

            publish("x.virtual", 1, messages);

            assertThat(allAtATime.await(10, TimeUnit.SECONDS)).isTrue();
            goOn.countDown();
            for (Numbers own : all) {
                Eventually.eventually("all messages", () -> own.count() == messages);
                assertThat(own.received()).isEqualTo(numbers(1, messages));
            }
            assertThat(platformThreads).hasValue(0);
        }
    }

    @Test
    void whatAHandlerThrowsIsToldOfAndItsThreadGoesOnWithTheNextMessage() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Numbers received = new Numbers();
        ExecutorService one = Executors.newSingleThreadExecutor();
        try (NatsClient client = connect(one)) {
            Subscription subscription = client.subscribe("x.throws", message -> {
                threads.add(Thread.currentThread());
                received.add(message.payload());
                switch (received.count()) {
                    case 1 -> throw new Exception("checked");
                    case 2 -> throw new IllegalStateException("unchecked");
                    case 3 -> throw new AssertionError("an error");
                    case 4 -> throw new StackOverflowError("another error");
                    default -> {}
                }
            });
            client.flush(TIMEOUT);

            publish("x.throws", 1, 5);

            Eventually.eventually("all messages", () -> received.count() == 5);
            events.await(Kind.ERROR, 3);
            assertThat(events.of(Kind.ERROR))
                    .extracting(error -> error.cause().getMessage())
                    .containsExactly("checked", "unchecked", "an error", "another error");
            assertThat(threads).hasSize(1);
            assertThat(subscription.isActive()).isTrue();
            assertThat(subscription.droppedMessages()).isZero();
        }
    }

    /** One thread, which is busy, and one place in its queue, which is taken. */
    @Test
    void whileAnExecutorRefusesWorkMessagesWaitForItAndNoneIsLost() {
        int messages = 1_000;
        BlockingQueue<Runnable> onePlace = new ArrayBlockingQueue<>(1);
        ThreadPoolExecutor small = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, onePlace);
        Recorder refused = new Recorder();
        Set<String> threads = ConcurrentHashMap.newKeySet();
        try (NatsClient client = connect(small)) {
            client.subscribe("x.busy", message -> awaitGoOn());
            Subscription waiting = client.subscribe("x.waits", message -> refused.onMessage(message, threads));
            client.flush(TIMEOUT);
            publish("x.busy", 1, 1);
            Eventually.eventually("a busy thread", () -> small.getActiveCount() == 1 && onePlace.isEmpty());
            assertThat(onePlace.offer(() -> {})).isTrue();

            publish("x.waits", 1, messages);

            assertThat(events.await(Kind.ERROR).cause()).isInstanceOf(RejectedExecutionException.class);
            client.flush(TIMEOUT);
            assertThat(refused.numbers.count()).isZero();
            assertThat(waiting.pendingMessages()).isEqualTo(messages);
            goOn.countDown();
            Eventually.eventually("all messages", () -> refused.numbers.count() == messages);
            assertThat(refused.numbers.received()).isEqualTo(numbers(1, messages));
            assertThat(waiting.droppedMessages()).isZero();
            assertThat(events.of(Kind.ERROR)).as("told of once").hasSize(1);
        }
    }

    @Test
    void anExecutorThatIsShutDownStopsHandlersAndNothingElse() {
        ExecutorService gone = Executors.newSingleThreadExecutor();
        AtomicReference<NatsMessage> handled = new AtomicReference<>();
        try (RawNats responder = Peers.responder(server, "x.echo");
                NatsClient client = connect(gone)) {
            Subscription subscription = client.subscribe("x.gone", handled::set);
            client.flush(TIMEOUT);
            gone.shutdown();

            publish("x.gone", 1, 3);

            events.await(Kind.ERROR);
            client.flush(TIMEOUT);
            assertThat(subscription.pendingMessages()).isEqualTo(3);
            assertThat(new String(
                            client.request("x.echo", Numbers.payload(7), TIMEOUT)
                                    .payload(),
                            US_ASCII))
                    .isEqualTo("7");
            assertThat(clients.track(client.requestAsync("x.echo", Numbers.payload(8), TIMEOUT))
                            .join()
                            .payload())
                    .isEqualTo(Numbers.payload(8));
            assertThat(responder.isClosed()).isFalse();
            assertThatThrownBy(() -> client.drain(SHORT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .hasMessageContaining("1 subscriptions had not come to their end, 3 of their messages");
            events.await(Kind.CLOSED);
            assertThat(handled).hasValue(null);
        }
    }

    @Test
    void theUsersExecutorOutlivesTheClient() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        NatsClient closed = connect(executor);
        closed.close();
        NatsClient drained = connect(executor);
        drained.drain(TIMEOUT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

        assertThat(executor.isShutdown()).isFalse();
        assertThat(executor.submit(() -> 7).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(7);
    }
}
