package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.judge.Judge;
import io.mallard.it.run.Whereabouts.Sighting;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays one episode after the other: the server the client is on goes lame, exits and comes back.
 *
 * <p>Threading: used by one thread.
 */
final class EpisodeScript {
    /** What the servers are told: so long after its signal none of them evicts a client. */
    static final Duration GRACE = Duration.ofSeconds(1);

    private static final Duration STANDBY_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(5);
    /** Grace, and up to a second for every client to be evicted. */
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(30);
    /** How long a message may take before the next episode begins without it. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(3);

    private static final long LOOK_INTERVAL_MS = 20;

    private final NatsCluster cluster;
    private final Judge judge;
    private final DeliveryLedger deliveries;
    private final Tally tally;
    private final Whereabouts whereabouts;
    private final boolean awaitStandby;
    private final Consumer<String> phase;

    EpisodeScript(
            NatsCluster cluster,
            Judge judge,
            DeliveryLedger deliveries,
            Tally tally,
            Whereabouts whereabouts,
            boolean awaitStandby,
            Consumer<String> phase) {
        this.cluster = cluster;
        this.judge = judge;
        this.deliveries = deliveries;
        this.tally = tally;
        this.whereabouts = whereabouts;
        this.awaitStandby = awaitStandby;
        this.phase = phase;
    }

    /** Every node once, each when it is the client's own. */
    void playRound(Consumer<Episode> played) throws InterruptedException {
        Set<Integer> visited = new HashSet<>();
        while (visited.size() < cluster.size()) {
            int node = awaitClient();
            if (!visited.add(node)) {
                throw new InconclusiveException("the client is on " + name(node)
                        + " again, and has not been on all of the " + cluster.size() + " servers yet in this round");
            }
            played.accept(play(node));
        }
    }

    private Episode play(int node) throws InterruptedException {
        NatsServer server = cluster.server(node);
        Mark from = tally.mark();

        phase.accept(name(node) + " judge moves");
        judge.reachOut(node, refuge(node).url());
        phase.accept(name(node) + " lame duck");
        Mark signalled = tally.mark();
        long signalNs = System.nanoTime();
        server.lameDuck();
        server.awaitLog("(?i)lame duck mode", LOG_TIMEOUT);
        long loggedMs = since(signalNs).toMillis();

        Departure departure = watch(node, signalNs);

        phase.accept(name(node) + " restart");
        cluster.restart(node);
        judge.moveHome(node);
        phase.accept(name(node) + " settle");
        deliveries.awaitSeen(from.publishes(), deliveries.position(), SETTLE_TIMEOUT);

        OptionalInt destination = departure.destination();
        return new Episode(
                name(node),
                destination.isPresent() ? name(destination.getAsInt()) : "-",
                departure.isComplete(),
                signalled.atSeconds(),
                loggedMs,
                departure.taken().toMillis(),
                from,
                tally.mark());
    }

    /** Watches the client until the lame server has exited, and lets the judge leave it in good time. */
    private Departure watch(int node, long signalNs) throws InterruptedException {
        NatsServer server = cluster.server(node);
        Departure departure = new Departure(node, GRACE);
        boolean judgeStepped = false;
        while (server.isAlive()) {
            if (since(signalNs).compareTo(EXIT_TIMEOUT) >= 0) {
                throw new InconclusiveException(
                        name(node) + " has not exited " + EXIT_TIMEOUT.toSeconds() + " s after its lame duck signal");
            }
            departure.onSighting(whereabouts.look(), since(signalNs));
            if (!judgeStepped && judge.mayStep()) {
                judge.step(node);
                judgeStepped = true;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL_MS);
        }
        if (!judgeStepped) {
            throw new InconclusiveException(name(node) + " exited before the judge had left it");
        }
        return departure;
    }

    /** The node the client is active on, once it also has its standby elsewhere if it keeps one. */
    private int awaitClient() throws InterruptedException {
        phase.accept(awaitStandby ? "waiting for the standby" : "looking for the client");
        long beganNs = System.nanoTime();
        int connections = awaitStandby ? 2 : 1;
        while (true) {
            Sighting sighting = whereabouts.look();
            if (sighting.active().size() == 1 && sighting.connected().size() >= connections) {
                return sighting.active().iterator().next();
            }
            if (since(beganNs).compareTo(STANDBY_TIMEOUT) >= 0) {
                throw new InconclusiveException("after " + STANDBY_TIMEOUT.toSeconds() + " s the client has traffic on "
                        + names(sighting.active()) + " and connections to " + names(sighting.connected())
                        + "; wanted: traffic on one server, connections to " + connections);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL_MS);
        }
    }

    /** Where the posts of a node go: the server before it, while a client goes to the one behind it. */
    private NatsServer refuge(int node) {
        return cluster.server(Math.floorMod(node - 1, cluster.size()));
    }

    private List<String> names(Set<Integer> nodes) {
        return nodes.stream().sorted().map(this::name).toList();
    }

    private String name(int node) {
        return cluster.server(node).name();
    }

    private static Duration since(long beganNs) {
        return Duration.ofNanos(System.nanoTime() - beganNs);
    }
}
