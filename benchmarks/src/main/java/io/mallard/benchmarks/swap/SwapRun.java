package io.mallard.benchmarks.swap;

import io.mallard.ClientListener;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.benchmarks.client.Contender;
import io.mallard.benchmarks.client.Responding;
import io.mallard.it.load.Schedule;
import io.mallard.it.support.Await;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One client asks at a fixed rate while one server after the other goes lame under it. The responder is a raw socket on the last
 * server, which stays: every request takes the same number of hops on whichever server the client is.
 *
 * <p>Threading: controlled by one thread; the requests are made on threads of their own.
 *
 * @param concurrent threads that take turns at the schedule; one that is late makes its requests as soon as it can, and their
 *     latency counts from when they were meant to start
 */
record SwapRun(
        int requests, int concurrent, int perSecond, int swaps, String serverVersion, Consumer<String> progress) {
    private static final String SUBJECT = "pond.question";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration SWAP_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration STANDBY_TIMEOUT = Duration.ofSeconds(10);
    private static final int PAYLOAD_BYTES = 128;
    /** What the JVM needs to have compiled before anything counts. */
    private static final int WARM_UP_REQUESTS = 20_000;

    private static final int WARM_UP_SECONDS = 2;

    /** What was measured, and what the client says of each swap. */
    record Result(Latencies latencies, List<HandoverReport> handovers, String serverVersion) {}

    Result play() {
        NatsServerConfig.Builder config = NatsServerConfig.builder();
        NatsServerConfig template = (serverVersion.isEmpty() ? config : config.version(serverVersion)).build();
        try (NatsCluster cluster = NatsCluster.start(swaps + 2, template)) {
            NatsServer last = cluster.server(swaps + 1);
            List<String> urls = cluster.urls().subList(0, swaps + 1);
            List<HandoverReport> handovers = new CopyOnWriteArrayList<>();
            Responding responder = Contender.named("raw").responding(last.url(), SUBJECT);
            try (responder;
                    NatsClient client = NatsClient.connect(options(urls, handovers))) {
                Latencies latencies = ask(client, cluster, handovers);
                return new Result(
                        latencies, List.copyOf(handovers), last.version().toString());
            }
        }
    }

    private static NatsOptions options(List<String> urls, List<HandoverReport> handovers) {
        return NatsOptions.builder()
                .servers(urls.toArray(String[]::new))
                .noRandomize(true)
                .hotSwapServers(urls.toArray(String[]::new))
                .listener(new ClientListener() {
                    @Override
                    public void onHandoverComplete(HandoverReport report) {
                        handovers.add(report);
                    }
                })
                .build();
    }

    private Latencies ask(NatsClient client, NatsCluster cluster, List<HandoverReport> handovers) {
        byte[] payload = new byte[PAYLOAD_BYTES];
        progress.accept("warming up with " + WARM_UP_REQUESTS + " requests one at a time, and "
                + WARM_UP_SECONDS * perSecond + " at the rate");
        for (int i = 0; i < WARM_UP_REQUESTS; i++) {
            client.request(SUBJECT, payload, TIMEOUT);
        }
        Latencies latencies = new Latencies();
        // What comes before the schedule is asked by the same threads at the same rate, and does not count.
        int early = WARM_UP_SECONDS * perSecond;
        Schedule schedule = new Schedule(System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS), perSecond);
        List<Thread> threads = IntStream.range(0, concurrent)
                .mapToObj(first -> new Thread(
                        () -> {
                            for (int number = first - early; number < requests; number += concurrent) {
                                askOnce(client, payload, schedule.intendedNs(number), number >= 0, latencies);
                            }
                        },
                        "asker-" + first))
                .toList();
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
        for (int swap = 0; swap < swaps; swap++) {
            awaitNs(schedule.intendedNs((long) requests * (swap + 1) / (swaps + 1)));
            swap(client, cluster.server(swap), handovers, latencies);
        }
        threads.forEach(SwapRun::join);
        return latencies;
    }

    private void askOnce(NatsClient client, byte[] payload, long intendedNs, boolean counts, Latencies latencies) {
        awaitNs(intendedNs);
        try {
            client.request(SUBJECT, payload, TIMEOUT);
            if (counts) {
                latencies.onAnswered(latencies.phase(intendedNs), System.nanoTime() - intendedNs);
            }
        } catch (NatsException e) {
            progress.accept("failed: " + e.getMessage());
        }
    }

    private void swap(NatsClient client, NatsServer leaving, List<HandoverReport> handovers, Latencies latencies) {
        Await.until("a standby", STANDBY_TIMEOUT, client::isHotSwapAvailable);
        int before = handovers.size();
        latencies.enter(Phase.DURING);
        leaving.lameDuck();
        Await.until("the end of the swap", SWAP_TIMEOUT, () -> handovers.size() > before);
        latencies.enter(Phase.AFTER);
        progress.accept(handovers.get(before).toString());
    }

    private static void awaitNs(long timeNs) {
        long leftNs;
        while ((leftNs = timeNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(leftNs);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
