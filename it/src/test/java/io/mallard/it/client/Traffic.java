package io.mallard.it.client;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Numbered messages between a client and raw sockets on one server, both ways, numbered requests of the client, and flushes; what
 * becomes of them is in a {@link History}. An empty payload is a probe: it is in no history.
 *
 * <p>Threading: controlled by one thread.
 */
final class Traffic implements AutoCloseable {
    /** Messages a second, each way. */
    static final int RATE = 1_000;

    private static final int REQUEST_RATE = 200;
    private static final int FLUSH_RATE = 20;
    private static final byte[] PROBE = {};

    final Publisher out;
    final Publisher in;
    final Requests requests;
    private final Receiver far;
    private final Receiver own;
    private final NatsClient client;
    private final String farUrl;
    private final String outSubject;
    private final String inSubject;
    private final String askSubject;
    private final RawNats probing;
    private final AtomicInteger probesHeard = new AtomicInteger();
    private final TimedLoads loads = new TimedLoads();
    private final Load published;
    private final Load received;
    private final Load asked;
    private final Deque<Runnable> open = new ArrayDeque<>();

    /**
     * Returns when everything gets through; then all of it begins.
     *
     * @param name begins its subjects
     */
    Traffic(History history, NatsClient client, String farUrl, String name) {
        this.client = client;
        this.farUrl = farUrl;
        outSubject = name + ".out";
        inSubject = name + ".in";
        askSubject = name + ".ask";
        out = history.publisher(outSubject);
        in = history.publisher(inSubject);
        requests = history.requests(askSubject);
        far = history.receiver("far", out);
        own = history.receiver("client", in);
        receive();
        respond();
        probing = socket(message -> {});
        RawNats sending = socket(message -> {});
        client.subscribe(inSubject, message -> take(message.payload()));
        awaitHealthNs();
        published = loads.start(1, RATE, this::publish);
        received = loads.start(1, RATE, () -> {
            sending.publish(inSubject, in.next());
            sending.flush();
        });
        asked = loads.start(4, REQUEST_RATE, this::ask);
        loads.start(1, FLUSH_RATE, () -> client.flush(TimedLoads.DEADLINE));
        open.push(loads::close);
    }

    private RawNats socket(RawListener listener) {
        RawNats socket = RawNats.connect(farUrl, listener);
        open.push(socket::close);
        return socket;
    }

    private void receive() {
        RawNats socket = socket(message -> far.received(message.payload()));
        socket.subscribe(outSubject, 1);
        socket.ping();
    }

    private void respond() {
        AtomicReference<RawNats> self = new AtomicReference<>();
        RawNats responder = socket(message -> answer(Objects.requireNonNull(self.get()), message));
        self.set(responder);
        responder.subscribe(askSubject, 1);
        responder.ping();
    }

    private void answer(RawNats responder, RawMessage message) {
        if (message.payload().length > 0) {
            requests.executed(message.payload());
        }
        responder.publish(Objects.requireNonNull(message.reply()), message.payload());
        responder.flush();
    }

    private void take(byte[] payload) {
        if (payload.length == 0) {
            probesHeard.incrementAndGet();
        } else {
            own.received(payload);
        }
    }

    private void publish() {
        byte[] payload = out.next();
        try {
            client.publish(outSubject, payload);
        } catch (NatsException e) {
            out.refused();
            throw e;
        }
    }

    private void ask() {
        byte[] payload = requests.begin();
        try {
            requests.answered(
                    payload,
                    client.request(askSubject, payload, TimedLoads.DEADLINE).payload());
        } catch (NatsException e) {
            requests.failed(payload, e);
            throw e;
        }
    }

    /** What the client has subscribed to. */
    String inSubject() {
        return inSubject;
    }

    /** Waits until that many more have been sent each way, whether they got there or not. */
    void awaitMoreSent(long more) {
        published.awaitMore(more);
        received.awaitMore(more);
    }

    /** Waits until that many more have been sent each way, and as many requests as belong to them. */
    void awaitMore(long more) {
        awaitMoreSent(more);
        asked.awaitMore(more * REQUEST_RATE / RATE);
    }

    /** Waits until everything gets through in both directions; returns when it did. */
    long awaitHealthNs() {
        int heardBefore = probesHeard.get();
        Eventually.eventually("messages to the client", () -> {
            probing.publish(inSubject, PROBE);
            probing.flush();
            return probesHeard.get() > heardBefore;
        });
        Eventually.eventually("an answer", () -> {
            try {
                return client.request(askSubject, PROBE, TimedLoads.DEADLINE).payload().length == 0;
            } catch (NatsException e) {
                return false;
            }
        });
        return System.nanoTime();
    }

    /** Ends it, waits for the last of everything, and throws if a call has hung. */
    void finish() {
        loads.stop();
        client.flush(Scenario.TIMEOUT);
        Eventually.eventually("the last publish", far::isComplete);
        Eventually.eventually("the last message", own::isComplete);
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            open.pop().run();
        }
    }
}
