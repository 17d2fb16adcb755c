package io.mallard.it.load;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.Senders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Requests and publishes through one client, and what that client is sent, each on its own schedule.
 *
 * <p>Threading: controlled by one thread; the numbers can be read from any.
 */
public final class Load implements AutoCloseable {
    /** More than one, so that they meet in the client. */
    public static final int PUBLISHERS = 2;

    /** The senders take turns. */
    private static final int SENDING_THREADS = 1;

    private final RequestLoad requests;
    private final PublishLoad publishes;
    private final ReceiveLoad receives;
    private final PacedThreads requesters;
    private final PacedThreads publishers;
    private final PacedThreads senders;

    /** All rates are per second. */
    public record Rates(int requests, int publishes, int receives) {}

    /**
     * A load whose schedule begins now, and whose senders have taken their seats.
     *
     * @param requesterThreads so many requests can be under way at a time
     */
    public Load(
            LoadClient client,
            Rates rates,
            int requesterThreads,
            int nodes,
            LatencyTimeline latencies,
            DeliveryLedger deliveries,
            Senders source) {
        long startNs = System.nanoTime();
        requests = new RequestLoad(client, nodes, latencies);
        publishes = new PublishLoad(client, deliveries);
        receives = new ReceiveLoad(source);
        requesters =
                new PacedThreads("load-request", requesterThreads, new Schedule(startNs, rates.requests()), requests);
        publishers = new PacedThreads("load-publish", PUBLISHERS, new Schedule(startNs, rates.publishes()), publishes);
        senders = new PacedThreads("load-send", SENDING_THREADS, new Schedule(startNs, rates.receives()), receives);
    }

    public void start() {
        all().forEach(PacedThreads::start);
    }

    /** Sends what is due until now and nothing more; false if that took longer than allowed. */
    public boolean finish(Duration timeout) throws InterruptedException {
        long nowNs = System.nanoTime();
        all().forEach(threads -> threads.stop(nowNs));
        boolean ended = true;
        for (PacedThreads threads : all().toList()) {
            ended &= threads.awaitEnd(timeout);
        }
        return ended;
    }

    public long requestsOk() {
        return requests.ok();
    }

    public long requestsFailed() {
        return requests.failed();
    }

    /** Requests that were begun and ended, one way or the other. */
    public long requests() {
        return requestsOk() + requestsFailed();
    }

    public long published() {
        return publishes.accepted();
    }

    /** Messages that the client ought to receive. */
    public long sent() {
        return receives.sent();
    }

    /** The smallest of three: the share of the requests due by now that have ended, of the publishes accepted, of the messages sent. */
    public double shareOfSchedule() {
        long nowNs = System.nanoTime();
        return DoubleStream.of(
                        share(requests(), requesters, nowNs),
                        share(published(), publishers, nowNs),
                        share(sent(), senders, nowNs))
                .min()
                .orElseThrow();
    }

    /** The first of the failed requests; as many as there is room for. */
    public List<FailedRequest> failures() {
        return requests.failures();
    }

    /** How often each reason for a failed request was given. */
    public Map<String, Long> failureReasons() {
        return requests.reasons().counts();
    }

    /** How often each reason for a refused publish was given. */
    public Map<String, Long> refusalReasons() {
        return publishes.refusals().counts();
    }

    @Override
    public void close() {
        all().forEach(PacedThreads::close);
    }

    private Stream<PacedThreads> all() {
        return Stream.of(requesters, publishers, senders);
    }

    private static double share(long happened, PacedThreads threads, long nowNs) {
        return happened / (double) Math.max(1, threads.due(nowNs));
    }
}
