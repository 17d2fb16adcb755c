package io.mallard.it.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.HandoverReport;
import io.mallard.MessageHandler;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;

/**
 * A cluster whose servers go lame, clients on it, raw sockets beside them, and the history of it all.
 *
 * <p>A client of {@link #options} begins on node 0 and has its standby on node 1. An empty payload is a probe: it is in no
 * history.
 *
 * <p>Threading: controlled by one thread.
 */
final class Scenario implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** A handover holds a message for a moment; on a busy machine the moment is longer. */
    static final Duration LATEST = Duration.ofSeconds(3);

    static final Duration GRACE = Duration.ofSeconds(4);
    private static final Duration SOON = Duration.ofMillis(50);
    /** Longer than any route of a scenario delays a message. */
    private static final Duration PROBE_TIME = Duration.ofSeconds(1);

    private static final byte[] PROBE = {};

    final NatsCluster cluster;
    final History history = new History();
    final Events events = new Events();
    private final Clients clients;
    private final AtomicInteger probes = new AtomicInteger();
    private final Deque<Runnable> open = new ArrayDeque<>();

    Scenario(Clients clients, int nodes) {
        this(
                clients,
                NatsCluster.start(
                        nodes, NatsServerConfig.builder().lameDuckGrace(GRACE).build()));
    }

    Scenario(Clients clients, NatsCluster cluster) {
        this.clients = clients;
        this.cluster = cluster;
        open.push(cluster::close);
    }

    NatsOptions.Builder options() {
        return NatsOptions.builder()
                .servers(cluster.urls().toArray(String[]::new))
                .noRandomize(true)
                .listener(events)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON);
    }

    /** With a standby, if it has one at all. */
    NatsClient connect(NatsOptions.Builder options) {
        NatsClient client = connectSoon(options);
        Eventually.eventually("the standby", client::isHotSwapAvailable);
        return client;
    }

    /** Its standby may be on its way. */
    NatsClient connectSoon(NatsOptions.Builder options) {
        NatsClient client = clients.connect(options);
        open.push(client::close);
        return client;
    }

    /** A client that lives on one node and is no business of {@link #events}. */
    NatsClient bystander(int node) {
        NatsClient client = clients.connect(cluster.server(node).url());
        open.push(client::close);
        return client;
    }

    /** Waits until what this client asks is answered. */
    void awaitResponder(NatsClient requester, String subject) {
        Eventually.eventually("a responder to " + subject, () -> {
            try {
                return requester.request(subject, PROBE, SOON).payload().length == 0;
            } catch (NatsException e) {
                return false;
            }
        });
    }

    /** Waits until the server of that client knows that somebody listens to that subject, whatever they make of an empty payload. */
    void awaitRoute(NatsClient client, String subject) {
        Eventually.eventually("somebody who listens to " + subject, () -> {
            try {
                client.request(subject, PROBE, SOON);
                return true;
            } catch (NatsException e) {
                return e.status() != NatsStatus.NO_RESPONDERS;
            }
        });
    }

    NatsClient connect() {
        return connect(options());
    }

    RawNats socket(int node, RawListener listener) {
        RawNats socket = RawNats.connect(cluster.server(node).url(), listener);
        open.push(socket::close);
        return socket;
    }

    /** A raw subscriber on a node, which the server there knows. */
    RawNats receive(int node, String subject, Receiver receiver) {
        RawNats socket = socket(node, message -> take(receiver, message.payload()));
        socket.subscribe(subject, 1);
        socket.ping();
        return socket;
    }

    /** What a client's subscription does with what it gets. */
    MessageHandler to(Receiver receiver) {
        return message -> take(receiver, message.payload());
    }

    void take(Receiver receiver, byte[] payload) {
        if (payload.length == 0) {
            probes.incrementAndGet();
        } else {
            receiver.received(payload);
        }
    }

    /** Publishes through a raw socket, one after the other. */
    Load publish(RawNats socket, String subject, Publisher publisher, int perSecond) {
        return started(Load.start(1, perSecond, number -> {
            socket.publish(subject, publisher.next());
            socket.flush();
        }));
    }

    /** Publishes through a client, one after the other. */
    Load publish(NatsClient client, String subject, Publisher publisher, int perSecond) {
        return started(Load.start(1, perSecond, number -> {
            byte[] payload = publisher.next();
            try {
                client.publish(subject, payload);
            } catch (NatsException e) {
                publisher.refused();
                throw e;
            }
        }));
    }

    /** Requests through a client, from several threads. */
    Load request(NatsClient client, String subject, Requests requests, int threads, int perSecond) {
        return started(Load.start(threads, perSecond, number -> {
            byte[] payload = requests.begin();
            try {
                requests.answered(
                        payload, client.request(subject, payload, TIMEOUT).payload());
            } catch (NatsException e) {
                requests.failed(payload, e);
            }
        }));
    }

    /** A raw responder on a node that answers what it is asked, and says so. */
    RawNats respond(int node, String subject, Requests requests) {
        AtomicReference<RawNats> self = new AtomicReference<>();
        RawNats responder = socket(node, message -> {
            RawNats connection = Objects.requireNonNull(self.get());
            requests.executed(message.payload());
            connection.publish(Objects.requireNonNull(message.reply()), message.payload());
            connection.flush();
        });
        self.set(responder);
        responder.subscribe(subject, 1);
        responder.ping();
        return responder;
    }

    private Load started(Load load) {
        open.push(load::close);
        return load;
    }

    /** Waits until what this socket publishes reaches that many subscribers. */
    void awaitInterest(RawNats socket, String subject, int subscribers) {
        Eventually.eventually("interest in " + subject, () -> {
            probes.set(0);
            socket.publish(subject, PROBE);
            socket.ping();
            long untilNs = System.nanoTime() + PROBE_TIME.toNanos();
            while (probes.get() < subscribers && System.nanoTime() - untilNs < 0) {
                Thread.onSpinWait();
            }
            return probes.get() >= subscribers;
        });
    }

    /** Whether a server has a client's subscription to a subject, by its own account. */
    boolean hasSubscription(int node, String subject) {
        return subscriptions(node, subject) > 0;
    }

    /** How many subscriptions to a subject a server has, by its own account. */
    long subscriptions(int node, String subject) {
        JsonNode connections = cluster.server(node).monitoring("/connz?subs=1").path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .flatMap(connection -> StreamSupport.stream(
                        connection.path("subscriptions_list").spliterator(), false))
                .filter(subscription -> subscription.asText().equals(subject))
                .count();
    }

    /** A server goes lame, as its own log says. */
    void lameDuck(int node) {
        history.event("lame duck of node " + node);
        cluster.lameDuck(node);
        cluster.server(node).awaitLog("(?i)entering lame duck mode", TIMEOUT);
    }

    /** A server goes lame and the client leaves it, entirely, and by itself: returns the client's ledger of it. */
    HandoverReport leave(int node, NatsClient client) {
        return leave(node, client, cluster.urls().get(node));
    }

    /** As above, for a client that knows the server by another URL. */
    HandoverReport leave(int node, NatsClient client, String url) {
        int before = events.of(Events.Kind.HANDOVER).size();
        lameDuck(node);
        HandoverReport report = events.awaitReport(before);
        history.event("handover from node " + node + " complete");
        if (!cluster.server(node).isAlive()) {
            throw new AssertionError("node " + node + " was gone before the client had left it");
        }
        if (client.isInLameDuckMode() || !report.fromUrl().equals(url)) {
            throw new AssertionError("not the handover that was meant: " + report);
        }
        return report;
    }

    /** Ends the load, and waits for its last message at every receiver. */
    void finish(Load load, Receiver... receivers) {
        load.stop();
        if (!load.failures().isEmpty()) {
            throw new AssertionError("the load failed", load.failures().get(0));
        }
        for (Receiver receiver : receivers) {
            Eventually.eventually("the last message", receiver::isComplete);
        }
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            open.pop().run();
        }
    }
}
