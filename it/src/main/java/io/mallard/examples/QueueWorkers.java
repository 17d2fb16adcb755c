package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.NatsClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Three workers share numbered jobs, and stop one after the other while more jobs come: none is lost, and none done twice. Ends by
 * itself.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.QueueWorkers nats://localhost:4222
 * </pre>
 *
 * <p>Threading: each worker does one job at a time, on a thread of its client's; jobs are published by the thread of {@code main}.
 */
public final class QueueWorkers {
    private static final int WORKERS = 3;
    private static final int JOBS_PER_ROUND = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private QueueWorkers() {}

    /** A worker with a connection of its own, as if in a process of its own. */
    private static final class Worker {
        private final String name;
        private final NatsClient client;
        private final AtomicInteger done = new AtomicInteger();

        Worker(String name, Set<String> jobsDone, String... servers) {
            this.name = name;
            client = NatsClient.connect(servers);
            client.subscribe("jobs", "workers", job -> {
                jobsDone.add(new String(job.payload(), UTF_8));
                done.incrementAndGet();
                client.publish("jobs.done", job.payload());
            });
            client.flush(PATIENCE); // From now on it gets its share.
        }

        /** Takes no more jobs, does those it has been sent, sends what it has published, and closes. */
        CompletableFuture<Void> stop() {
            return client.drain(PATIENCE)
                    .thenRun(() -> System.out.println(name + " has stopped after " + done + " jobs"));
        }
    }

    public static void main(String... servers) {
        Set<String> jobsDone = ConcurrentHashMap.newKeySet();
        List<Worker> workers = new ArrayList<>();
        for (int i = 1; i <= WORKERS; i++) {
            workers.add(new Worker("worker " + i, jobsDone, servers));
        }
        int published = 0;
        try (NatsClient client = NatsClient.connect(servers)) {
            for (Worker worker : workers.subList(0, WORKERS - 1)) {
                published = publishJobs(client, published);
                CompletableFuture<Void> stopped = worker.stop();
                published = publishJobs(client, published); // While it stops.
                stopped.join();
            }
            client.flush(PATIENCE); // Nobody is left to take what would come behind the last worker.
            workers.get(WORKERS - 1).stop().join();
        }
        int done = workers.stream().mapToInt(worker -> worker.done.get()).sum();
        System.out.printf("published %d jobs, %d were done, %d of them different%n", published, done, jobsDone.size());
    }

    private static int publishJobs(NatsClient client, int published) {
        for (int job = published + 1; job <= published + JOBS_PER_ROUND; job++) {
            client.publish("jobs", Integer.toString(job).getBytes(UTF_8));
        }
        return published + JOBS_PER_ROUND;
    }
}
