package io.mallard.it.sizing;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.it.support.Await;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is in use at a moment, or has come into use between two.
 *
 * <p>Threading: immutable.
 *
 * @param heapBytes of this process, garbage apart
 * @param directBytes of this process
 * @param serverBytes resident memory of all servers, as they say themselves
 * @param connections of clients, at all servers
 */
record Footprint(double heapBytes, double directBytes, double serverBytes, double connections) {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** Collections in a row that have freed no direct memory: cleaners run behind them, on a thread of their own. */
    private static final int FRUITLESS_COLLECTIONS = 10;

    static Footprint now(NatsCluster cluster) {
        collectGarbage();
        double serverBytes = 0;
        double connections = 0;
        for (NatsServer server : cluster.servers()) {
            JsonNode varz = server.monitoring("/varz");
            serverBytes += varz.path("mem").asLong();
            connections += varz.path("connections").asLong();
        }
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                directMemoryUsed(),
                serverBytes,
                connections);
    }

    private static void collectGarbage() {
        Deque<Long> left = new ArrayDeque<>();
        Await.until("the end of garbage", TIMEOUT, () -> {
            System.gc();
            left.addLast(directMemoryUsed());
            return left.size() > FRUITLESS_COLLECTIONS && left.removeFirst().equals(left.getLast());
        });
    }

    private static long directMemoryUsed() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    Footprint minus(Footprint other) {
        return new Footprint(
                heapBytes - other.heapBytes,
                directBytes - other.directBytes,
                serverBytes - other.serverBytes,
                connections - other.connections);
    }

    Footprint dividedBy(int clients) {
        return new Footprint(heapBytes / clients, directBytes / clients, serverBytes / clients, connections / clients);
    }
}
