package io.mallard.it.load;

import io.mallard.it.judge.NumberedRequest;
import io.mallard.it.load.LoadClient.RequestFailedException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends one request after the other to the responders of all nodes in turn. A latency counts from the intended start: a request that
 * had to wait because its thread was stuck in an earlier one shows that wait.
 *
 * <p>Threading: any thread.
 */
final class RequestLoad implements PacedThreads.Event {
    /** A request without the right answer by then has failed. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Failures behind this many are counted but not placed on the timeline. */
    private static final int MAX_FAILURES_KEPT = 10_000;

    private final LoadClient client;
    private final int nodes;
    private final LatencyTimeline timeline;

    private final AtomicLong ok = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Reasons reasons = new Reasons();

    private final Queue<FailedRequest> failures = new ConcurrentLinkedQueue<>();

    RequestLoad(LoadClient client, int nodes, LatencyTimeline timeline) {
        this.client = client;
        this.nodes = nodes;
        this.timeline = timeline;
    }

    @Override
    public void happen(int thread, int number, long intendedNs) {
        NumberedRequest request = new NumberedRequest(number % nodes, number);
        try {
            byte[] reply = client.request(request.subject(), request.toBytes(), TIMEOUT);
            if (request.isAnsweredBy(reply)) {
                timeline.record(System.nanoTime() - intendedNs);
                ok.incrementAndGet();
            } else {
                fail("wrong answer", intendedNs);
            }
        } catch (RequestFailedException e) {
            fail(String.valueOf(e.getMessage()), intendedNs);
        } catch (RuntimeException e) {
            // A surprise in a client is this request's failure, and not the end of the load.
            fail(e.toString(), intendedNs);
        }
    }

    long ok() {
        return ok.get();
    }

    long failed() {
        return failed.get();
    }

    Reasons reasons() {
        return reasons;
    }

    List<FailedRequest> failures() {
        return List.copyOf(failures);
    }

    private void fail(String reason, long intendedNs) {
        long nowNs = System.nanoTime();
        timeline.record(nowNs - intendedNs);
        reasons.add(reason);
        if (failed.incrementAndGet() <= MAX_FAILURES_KEPT) {
            failures.add(new FailedRequest(timeline.secondsAt(nowNs), (nowNs - intendedNs) / 1e6));
        }
    }
}
