package io.mallard.it.judge;

import io.mallard.it.judge.DeliveryLedger.SocketRecord;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The witnesses: a responder and a receiver on every node, on raw sockets. Every receiver gets every message; the responder of a node
 * answers the requests of that node's subject. When a node is about to go, its two move elsewhere, and later back home.
 *
 * <p>Threading: controlled by one thread.
 */
public final class Judge implements AutoCloseable {
    /**
     * How long a moving post holds both sockets. Two round trips would do for the servers that have proven to know the new one; time
     * covers what is under way on their routes.
     */
    private static final Duration OVERLAP = Duration.ofMillis(400);

    private final NatsCluster cluster;
    private final DeliveryLedger deliveries;
    private final ExecutionLedger executions;
    private final LongConsumer delayNs;
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final List<List<Post>> postsByNode = new ArrayList<>();
    private long overlapBeganNs;

    /** @param delayNs hears of the time from publish to delivery of every copy, on the reader threads */
    public Judge(NatsCluster cluster, DeliveryLedger deliveries, ExecutionLedger executions, LongConsumer delayNs) {
        this.cluster = cluster;
        this.deliveries = deliveries;
        this.executions = executions;
        this.delayNs = delayNs;
    }

    /** Returns when every node sends every message to every receiver, and every request to its responder. */
    public void takeSeats() throws InterruptedException {
        for (int i = 0; i < cluster.size(); i++) {
            int node = i;
            String home = cluster.server(node).url();
            postsByNode.add(List.of(
                    new Post(url -> openResponder(node, url), home), new Post(url -> openReceiver(node, url), home)));
        }
        for (List<Post> posts : postsByNode) {
            for (Post post : posts) {
                post.awaitInterest(runningUrls());
            }
        }
    }

    /** Gives the posts of a node a second socket on the server at this URL. They keep the first one until {@link #step}. */
    public void reachOut(int node, String url) throws InterruptedException {
        for (Post post : postsByNode.get(node)) {
            post.reachOut(url, runningUrls());
        }
        overlapBeganNs = System.nanoTime();
    }

    /** Whether the second sockets have been held for the whole overlap. */
    public boolean mayStep() {
        return overlapLeftNs() <= 0;
    }

    /** Leaves the first sockets of a node's posts. */
    public void step(int node) {
        postsByNode.get(node).forEach(Post::step);
    }

    /** Brings the posts of a node back to it, now that it runs again. */
    public void moveHome(int node) throws InterruptedException {
        reachOut(node, cluster.server(node).url());
        TimeUnit.NANOSECONDS.sleep(overlapLeftNs());
        step(node);
    }

    /** What made the judge an unreliable witness; a run with any of these proves nothing. */
    public List<String> troubles() {
        return List.copyOf(troubles);
    }

    @Override
    public void close() {
        postsByNode.forEach(posts -> posts.forEach(Post::abandon));
    }

    private long overlapLeftNs() {
        return OVERLAP.toNanos() - (System.nanoTime() - overlapBeganNs);
    }

    private JudgeSocket openResponder(int node, String url) {
        JudgeSocket socket = new JudgeSocket(
                "responder " + node,
                url,
                (connection, message) -> {
                    NumberedRequest request = NumberedRequest.from(node, message.payload());
                    executions.executed(request.number());
                    connection.publish(replySubject(message.reply()), request.answer());
                    connection.flush();
                },
                troubles::add);
        socket.subscribe(NumberedRequest.subject(node), "g" + node);
        return socket;
    }

    private JudgeSocket openReceiver(int node, String url) {
        SocketRecord record = deliveries.openSocket(node);
        JudgeSocket socket = new JudgeSocket(
                "receiver " + node,
                url,
                (connection, received) -> {
                    NumberedMessage message = NumberedMessage.from(received.payload());
                    record.received(message.publisher(), message.sequence());
                    delayNs.accept(received.receivedNs() - message.sentNs());
                },
                troubles::add);
        socket.subscribe(NumberedMessage.ALL_SUBJECTS, null);
        return socket;
    }

    private static String replySubject(@Nullable String reply) {
        if (reply == null) {
            throw new IllegalArgumentException("a request without a reply subject");
        }
        return reply;
    }

    private List<String> runningUrls() {
        return cluster.servers().stream()
                .filter(NatsServer::isAlive)
                .map(NatsServer::url)
                .toList();
    }
}
