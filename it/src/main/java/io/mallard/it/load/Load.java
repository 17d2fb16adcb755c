package io.mallard.it.load;

import io.mallard.it.judge.DeliveryLedger;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Requests and publishes through one client, each on its own schedule.
 *
 * <p>Threading: controlled by one thread; the numbers can be read from any.
 */
public final class Load implements AutoCloseable {
    /** More than one, so that they meet in the client. */
    public static final int PUBLISHERS = 2;

    private static final int REQUESTERS = 8;

    private final RequestLoad requests;
    private final PublishLoad publishes;
    private final PacedThreads requesters;
    private final PacedThreads publishers;

    /** Both rates are per second. */
    public record Rates(int requests, int publishes) {}

    /** A load whose schedule begins now. */
    public Load(LoadClient client, Rates rates, int nodes, LatencyTimeline latencies, DeliveryLedger deliveries) {
        long startNs = System.nanoTime();
        requests = new RequestLoad(client, nodes, latencies);
        publishes = new PublishLoad(client, deliveries);
        requesters = new PacedThreads("demo-request", REQUESTERS, new Schedule(startNs, rates.requests()), requests);
        publishers = new PacedThreads("demo-publish", PUBLISHERS, new Schedule(startNs, rates.publishes()), publishes);
    }

    public void start() {
        requesters.start();
        publishers.start();
    }

    /** Sends what is due until now and nothing more; false if that took longer than allowed. */
    public boolean finish(Duration timeout) throws InterruptedException {
        long nowNs = System.nanoTime();
        requesters.stop(nowNs);
        publishers.stop(nowNs);
        boolean requestersEnded = requesters.awaitEnd(timeout);
        return publishers.awaitEnd(timeout) && requestersEnded;
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

    /** The smaller of both: the share of the requests due by now that have ended, and of the publishes that were accepted. */
    public double shareOfSchedule() {
        long nowNs = System.nanoTime();
        return Math.min(
                requests() / (double) Math.max(1, requesters.due(nowNs)),
                published() / (double) Math.max(1, publishers.due(nowNs)));
    }

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
        requesters.close();
        publishers.close();
    }
}
