package io.mallard.it.chaos;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.PublishReliability;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.load.PacedThreads;
import io.mallard.it.load.Schedule;
import io.mallard.it.support.Await;
import io.mallard.it.support.NatsServerException;
import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The client, the judge's sockets, and numbered load between them in every direction, all of it in one history.
 *
 * <p>Threading: controlled by one thread.
 */
final class ChaosTraffic implements AutoCloseable {
    /** A request without an answer by then has failed. */
    static final Duration REQUEST_TIMEOUT = Duration.ofMillis(1_400);

    static final String CLIENT_NAME = "chaos";

    /** How much later than at its deadline a request may be seen to fail, on a machine that has other things to do. */
    private static final Duration TARDY = Duration.ofSeconds(1);

    private static final Duration PING_INTERVAL = Duration.ofMillis(500);
    /** On a busy machine a PONG may take its time: a loss that is none would be somebody's fault. */
    private static final int MAX_PINGS_OUT = 4;

    private static final Duration RECONNECT_DELAY = Duration.ofMillis(250);
    private static final Duration REFILL_JITTER = Duration.ofMillis(300);

    private static final int PUBLISHERS = 2;
    private static final int PUBLISHES_PER_SECOND = 1_000;
    private static final int MESSAGES_PER_SECOND = 1_000;
    private static final int REQUESTERS = 8;
    private static final int REQUESTS_PER_SECOND = 200;
    private static final int SERVED_PER_SECOND = 100;

    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LAST_TIMEOUT = Duration.ofSeconds(5);

    private static final String PROBE = "chaos.probe";
    private static final String PROBE_BACK = "chaos.back";
    private static final String PUBLISHED = "chaos.published.";
    private static final String ASKED = "chaos.asked";
    private static final String PLAIN = "chaos.plain";
    private static final String QUEUE = "chaos.queue";
    private static final String SERVED = "chaos.served";
    private static final String ANSWERS = "chaos.answers";

    private final Violations violations = new Violations();
    private final List<RawNats> sockets = new ArrayList<>();
    private final NatsClient client;
    private final List<Publisher> publishers;
    // The judge's first.
    // The judge's first.
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<PacedThreads> loads = new ArrayList<>();
    private final RawNats prober;
    private final RawNats asker;
    private final Requests served;

    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicInteger lastProbeBack = new AtomicInteger();
    private final AtomicInteger lastServed = new AtomicInteger();
    private volatile int lastServedAnswer;
    // Latch: once true, always true. From then on a socket of the judge's may end.
    private volatile boolean closing;

    ChaosTraffic(ChaosCluster cluster, History history, long seed, PublishReliability reliability) {
        String url = cluster.judges().url();
        publishers = IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> history.publisher(Flow.PUBLISHES.name(i)))
                .toList();
        Publisher plain = history.publisher(Flow.PLAIN.name(0));
        Publisher queue = history.publisher(Flow.QUEUE.name(0));
        Requests asked = history.requests(Flow.REQUESTS.name(0));
        served = history.requests(Flow.SERVED.name(0));

        Receiver judge = history.receiver("judge", publishers.toArray(Publisher[]::new));
        receivers.add(judge);
        subscribe(url, PUBLISHED + "*", (socket, message) -> judge.received(message.payload()));
        subscribe(url, ASKED, (socket, message) -> {
            asked.executed(message.payload());
            socket.publish(Objects.requireNonNull(message.reply()), message.payload());
            socket.flush();
        });
        prober = subscribe(url, PROBE_BACK, (socket, message) -> lastProbeBack.set(number(message.payload())));
        asker = subscribe(url, ANSWERS + ".*", (socket, message) -> {
            byte[] payload = message.subject().substring(ANSWERS.length() + 1).getBytes(US_ASCII);
            served.answered(payload, message.payload());
            lastServedAnswer = number(payload);
        });
        RawNats plainSender = open(url, (socket, message) -> {});
        RawNats queueSender = open(url, (socket, message) -> {});

        client = NatsClient.connect(NatsOptions.builder()
                .servers(cluster.clientUrls().toArray(String[]::new))
                // It is to take the ways there are, and to leave the judge's server alone.
                .ignoreDiscoveredServers(true)
                .name(CLIENT_NAME)
                .seed(seed)
                .publishReliability(reliability)
                .pingInterval(PING_INTERVAL)
                .maxPingsOut(MAX_PINGS_OUT)
                .reconnectFirstDelay(RECONNECT_DELAY)
                .reconnectMaxDelay(RECONNECT_DELAY)
                .standbyRefillJitter(REFILL_JITTER)
                .build());
        Receiver plainReceiver = history.receiver("client", plain);
        Receiver queueReceiver = history.group("client", queue);
        receivers.add(plainReceiver);
        receivers.add(queueReceiver);
        client.subscribe(PLAIN, message -> plainReceiver.received(message.payload()));
        client.subscribe(QUEUE, "workers", message -> queueReceiver.received(message.payload()));
        client.subscribe(SERVED, "servants", this::serve);
        // The last one: interest travels in order, so a probe that arrives proves all subscriptions.
        client.subscribe(PROBE, message -> client.publish(PROBE_BACK, message.payload()));

        long startNs = System.nanoTime();
        load("publish", PUBLISHERS, PUBLISHES_PER_SECOND, startNs, (thread, number, dueNs) -> publish(thread));
        load("plain", 1, MESSAGES_PER_SECOND / 2, startNs, (thread, number, dueNs) -> send(plainSender, PLAIN, plain));
        load("queue", 1, MESSAGES_PER_SECOND / 2, startNs, (thread, number, dueNs) -> send(queueSender, QUEUE, queue));
        load("served", 1, SERVED_PER_SECOND, startNs, (thread, number, dueNs) -> ask());
        load("request", REQUESTERS, REQUESTS_PER_SECOND, startNs, (thread, number, dueNs) -> request(asked));
    }

    /** Begins; the client has been heard. */
    void start() {
        loads.forEach(PacedThreads::start);
    }

    NatsClient client() {
        return client;
    }

    /** What is wrong whatever else happens. */
    Violations violations() {
        return violations;
    }

    long requestsAnswered() {
        return answers.get();
    }

    long requestsFailed() {
        return failures.get();
    }

    long published() {
        return publishers.stream().mapToLong(Publisher::sent).sum();
    }

    /** By the client. */
    long received() {
        return receivers.stream().skip(1).mapToLong(Receiver::received).sum();
    }

    /** Sends a message to the client, which sends it back. */
    void probe(int number) {
        prober.publish(PROBE, payload(number));
        prober.flush();
    }

    /** The number of the latest probe that came back. */
    int lastProbeBack() {
        return lastProbeBack.get();
    }

    /** Ends the load, and waits for its last messages; what is missing then is a finding. */
    void finish() throws InterruptedException {
        long nowNs = System.nanoTime();
        loads.forEach(load -> load.stop(nowNs));
        for (PacedThreads load : loads) {
            if (!load.awaitEnd(END_TIMEOUT)) {
                violations.add("the load had not been sent " + END_TIMEOUT.toSeconds() + " s after its end");
            }
        }
        try {
            client.flush(LAST_TIMEOUT);
            Await.until(
                    "the last messages",
                    LAST_TIMEOUT,
                    () -> receivers.stream().allMatch(Receiver::isComplete) && lastServedAnswer == lastServed.get());
        } catch (NatsException | NatsServerException e) {
            violations.add("at the end: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        loads.forEach(PacedThreads::close);
        client.close();
        sockets.forEach(RawNats::close);
    }

    private void load(String name, int threads, int perSecond, long startNs, PacedThreads.Event event) {
        loads.add(new PacedThreads("chaos-" + name, threads, new Schedule(startNs, perSecond), event));
    }

    private void publish(int publisher) {
        byte[] payload = publishers.get(publisher).next();
        try {
            client.publish(PUBLISHED + publisher, payload);
        } catch (RuntimeException e) {
            publishers.get(publisher).refused();
            violations.add("a publish was refused: " + e);
        }
    }

    private void request(Requests asked) {
        byte[] payload = asked.begin();
        long beganNs = System.nanoTime();
        try {
            asked.answered(
                    payload, client.request(ASKED, payload, REQUEST_TIMEOUT).payload());
            answers.incrementAndGet();
        } catch (NatsException e) {
            asked.failed(payload, e);
            failures.incrementAndGet();
        } catch (RuntimeException e) {
            asked.failed(payload, e);
            violations.add("request " + number(payload) + " failed without a status: " + e);
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - beganNs);
        if (taken.compareTo(REQUEST_TIMEOUT.plus(TARDY)) > 0) {
            violations.add("request " + number(payload) + " ended after " + taken.toMillis()
                    + " ms, with a deadline of " + REQUEST_TIMEOUT.toMillis() + " ms");
        }
    }

    private void serve(NatsMessage message) {
        served.executed(message.payload());
        message.respond(message.payload());
    }

    private void ask() {
        byte[] payload = served.begin();
        lastServed.set(number(payload));
        asker.publish(SERVED, ANSWERS + "." + number(payload), payload);
        asker.flush();
    }

    private static void send(RawNats socket, String subject, Publisher publisher) {
        socket.publish(subject, publisher.next());
        socket.flush();
    }

    /** What the judge does with a message. */
    @FunctionalInterface
    private interface Handler {
        void onMessage(RawNats socket, RawMessage message);
    }

    private RawNats subscribe(String url, String subject, Handler handler) {
        RawNats socket = open(url, handler);
        socket.subscribe(subject, 1);
        socket.ping();
        return socket;
    }

    private RawNats open(String url, Handler handler) {
        JudgeListener listener = new JudgeListener(handler);
        RawNats socket = RawNats.connect(url, listener);
        listener.socket = socket;
        sockets.add(socket);
        return socket;
    }

    /** Passes messages on with their socket, and says so if that ends before its time. */
    private final class JudgeListener implements RawListener {
        private final Handler handler;
        // Written before the first subscription.
        private volatile @Nullable RawNats socket;

        private JudgeListener(Handler handler) {
            this.handler = handler;
        }

        @Override
        public void onMessage(RawMessage message) {
            if (message.status() != 0) {
                // Nobody answers: the request stays without an end.
                return;
            }
            try {
                handler.onMessage(Objects.requireNonNull(socket), message);
            } catch (RuntimeException e) {
                violations.add("a message nobody sent, on " + message.subject() + ": " + e);
            }
        }

        @Override
        public void onClosed(String reason) {
            if (!closing) {
                violations.add("a socket of the judge's was closed: " + reason);
            }
        }
    }

    private static byte[] payload(int number) {
        return Integer.toString(number).getBytes(US_ASCII);
    }

    private static int number(byte[] payload) {
        return Integer.parseInt(new String(payload, US_ASCII));
    }
}
