package io.mallard.it.sizing;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.support.Await;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One measurement: many idle clients of a cluster, each with so many standbys; and the PINGs that one standby sends.
 *
 * <p>Threading: used by one thread.
 */
final class SizingRun {
    static final int NODES = 3;
    static final int MAX_STANDBYS = NODES - 1;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** Soon, because nobody else needs these servers. */
    private static final Duration REFILL_JITTER = Duration.ofMillis(100);

    private static final int WARM_UP_CLIENTS = 10;

    private final int clients;
    private final Duration pingsWatched;
    private final String serverVersion;
    private final Consumer<String> progress;
    /** Of the servers that were found. */
    private String version = "";

    /**
     * @param pingsWatched for how long PINGs are counted
     * @param serverVersion a version prefix, or empty for whatever server is found first
     */
    SizingRun(int clients, Duration pingsWatched, String serverVersion, Consumer<String> progress) {
        this.clients = clients;
        this.pingsWatched = pingsWatched;
        this.serverVersion = serverVersion;
        this.progress = progress;
    }

    SizingResult play() {
        perClient(WARM_UP_CLIENTS, MAX_STANDBYS); // What is loaded and compiled once is nobody's share.
        List<Footprint> perClient = new ArrayList<>();
        for (int standbys = 0; standbys <= MAX_STANDBYS; standbys++) {
            progress.accept(clients + " clients, standbys=" + standbys);
            perClient.add(perClient(clients, standbys));
        }
        progress.accept("counting PINGs for " + pingsWatched.toSeconds() + " s");
        return new SizingResult(clients, List.copyOf(perClient), pings(), pingsWatched, version);
    }

    private Footprint perClient(int count, int standbys) {
        try (NatsCluster cluster = NatsCluster.start(NODES, config())) {
            version = cluster.server(0).version().text();
            Footprint before = Footprint.now(cluster);
            List<NatsClient> connected = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    connected.add(NatsClient.connect(NatsOptions.builder()
                            .servers(String.join(",", cluster.urls()))
                            .standbys(standbys)
                            .standbyRefillJitter(REFILL_JITTER)
                            .build()));
                }
                int connections = count * (1 + standbys);
                Await.until(connections + " connections", TIMEOUT, () -> connections(cluster) == connections);
                return Footprint.now(cluster).minus(before).dividedBy(count);
            } finally {
                connected.forEach(NatsClient::close);
            }
        }
    }

    private NatsServerConfig config() {
        NatsServerConfig.Builder config = NatsServerConfig.builder();
        return serverVersion.isEmpty()
                ? config.build()
                : config.version(serverVersion).build();
    }

    private static int connections(NatsCluster cluster) {
        return cluster.servers().stream()
                .mapToInt(
                        server -> server.monitoring("/varz").path("connections").asInt())
                .sum();
    }

    private long pings() {
        try (ScriptedServer first = ScriptedServer.start(Step.serve());
                ScriptedServer second = ScriptedServer.start(Step.serve());
                NatsClient client = NatsClient.connect(NatsOptions.builder()
                        .servers(first.url(), second.url())
                        .noRandomize(true)
                        .standbyRefillJitter(REFILL_JITTER)
                        .build())) {
            ScriptedConnection standby = second.awaitConnection(0, TIMEOUT);
            Await.until("the standby", TIMEOUT, client::isHotSwapAvailable);
            long before = pings(standby);
            long endNs = System.nanoTime() + pingsWatched.toNanos();
            Await.until("the end of the count", pingsWatched.plus(TIMEOUT), () -> System.nanoTime() - endNs >= 0);
            return pings(standby) - before;
        }
    }

    private static long pings(ScriptedConnection connection) {
        return connection.lines().stream().filter("PING"::equals).count();
    }
}
