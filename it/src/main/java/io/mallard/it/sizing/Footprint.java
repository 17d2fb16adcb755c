package io.mallard.it.sizing;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

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
    /** One collection leaves behind what only waits for its cleaner. */
    private static final int COLLECTIONS = 3;

    static Footprint now(NatsCluster cluster) {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            System.runFinalization();
        }
        double serverBytes = 0;
        double connections = 0;
        for (NatsServer server : cluster.servers()) {
            JsonNode varz = server.monitoring("/varz");
            serverBytes += varz.path("mem").asLong();
            connections += varz.path("connections").asLong();
        }
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum(),
                serverBytes,
                connections);
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
