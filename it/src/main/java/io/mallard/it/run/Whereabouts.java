package io.mallard.it.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where the client is, in the words of the servers' monitoring and not in its own: it is connected where a connection has its name,
 * and it is active where such a connection has brought messages since the last look.
 *
 * <p>Threading: used by one thread.
 */
public final class Whereabouts {
    private final NatsCluster cluster;
    private final String clientName;
    private Map<Connection, Long> lastMessages = Map.of();

    /** One connection of the client on one server; the time tells apart those of a server before and after a restart. */
    private record Connection(int node, long cid, String start) {}

    /**
     * What one look showed.
     *
     * @param answered nodes whose monitoring answered
     */
    public record Sighting(Set<Integer> answered, Set<Integer> connected, Set<Integer> active) {
        /** Whether the node itself says that the client is not there. */
        public boolean isNotOn(int node) {
            return answered.contains(node) && !connected.contains(node);
        }

        /** A node other than this one that the client is active on. */
        public OptionalInt activeOff(int node) {
            return active.stream()
                    .mapToInt(Integer::intValue)
                    .filter(other -> other != node)
                    .findFirst();
        }
    }

    public Whereabouts(NatsCluster cluster, String clientName) {
        this.cluster = cluster;
        this.clientName = clientName;
    }

    public Sighting look() {
        Map<Connection, Long> messages = new HashMap<>();
        Set<Integer> answered = new HashSet<>();
        for (int node = 0; node < cluster.size(); node++) {
            if (look(node, messages)) {
                answered.add(node);
            }
        }
        Set<Integer> connected = new HashSet<>();
        Set<Integer> active = new HashSet<>();
        messages.forEach((connection, count) -> {
            connected.add(connection.node());
            if (count > lastMessages.getOrDefault(connection, count)) {
                active.add(connection.node());
            }
        });
        lastMessages = messages;
        return new Sighting(answered, connected, active);
    }

    private boolean look(int node, Map<Connection, Long> messages) {
        NatsServer server = cluster.server(node);
        if (!server.isAlive()) {
            return false;
        }
        JsonNode connz;
        try {
            connz = server.monitoring("/connz");
        } catch (NatsServerException e) {
            // One that is about to exit does not answer any more, and one that ought to answer is missed by whoever
            // waits for it.
            return false;
        }
        for (JsonNode connection : connz.path("connections")) {
            if (connection.path("name").asText().equals(clientName)) {
                messages.put(
                        new Connection(
                                node,
                                connection.path("cid").asLong(),
                                connection.path("start").asText()),
                        connection.path("in_msgs").asLong());
            }
        }
        return true;
    }
}
