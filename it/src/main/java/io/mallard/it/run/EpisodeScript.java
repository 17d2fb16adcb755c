package io.mallard.it.run;

import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.judge.Judge;
import io.mallard.it.judge.Senders;
import io.mallard.it.load.LoadClient;
import io.mallard.it.run.Whereabouts.Sighting;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays an episode: the server the client is on goes lame, exits and comes back.
 *
 * <p>Threading: used by one thread.
 */
final class EpisodeScript {
    /**
     * What the servers are told: so long after its signal none of them evicts a client. The client plans 0.55 s of it for itself; the
     * rest is for a machine that does not run it, which the default of a nats-server, 10 s, leaves in plenty.
     */
    static final Duration GRACE = Duration.ofSeconds(2);

    /** What a server logs before it closes the first of its connections. */
    private static final String EVICTION = "Closing existing clients";

    private static final Duration STANDBY_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(5);
    /** Grace, and up to a second for every client to be evicted. */
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(30);
    /** How long a message may take before the next episode begins without it. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(3);

    /** For what was sent since, so that an episode is not blamed for it when its row is shown. */
    private static final Duration IN_FLIGHT_TIMEOUT = Duration.ofMillis(500);

    /**
     * From the signal to the calm second. The client needs up to 0.6 s to leave. The server goes on for the grace and half a second
     * at least for each client it had but the last: with the judge's three sockets, that leaves two seconds and a half for the calm one.
     */
    private static final Duration CALM_AFTER = Duration.ofMillis(1200);
    /** If it does not begin by then, it might not end before the server's exit. */
    private static final Duration CALM_BY = Duration.ofMillis(1500);

    private static final long LOOK_INTERVAL_MS = 20;

    private final NatsCluster cluster;
    private final LoadClient client;
    private final Judge judge;
    private final Senders senders;
    private final Tally tally;
    private final Whereabouts whereabouts;
    private final boolean awaitStandby;
    private final Consumer<String> phase;

    EpisodeScript(
            NatsCluster cluster,
            LoadClient client,
            Judge judge,
            Senders senders,
            Tally tally,
            Whereabouts whereabouts,
            boolean awaitStandby,
            Consumer<String> phase) {
        this.cluster = cluster;
        this.client = client;
        this.judge = judge;
        this.senders = senders;
        this.tally = tally;
        this.whereabouts = whereabouts;
        this.awaitStandby = awaitStandby;
        this.phase = phase;
    }

    /** Plays the episode of the server the client is on, which {@link #awaitClient} has found. */
    Episode play(int node) throws InterruptedException {
        NatsServer server = cluster.server(node);
        Mark from = tally.mark();

        phase.accept(name(node) + " judge moves");
        judge.reachOut(node, refuge(node).url());
        phase.accept(name(node) + " lame duck");
        long evictionsBefore = evictions(server);
        double signalledAtSeconds = tally.seconds();
        long signalNs = System.nanoTime();
        server.lameDuck();
        server.awaitLog("(?i)lame duck mode", LOG_TIMEOUT);
        long loggedMs = since(signalNs).toMillis();

        Departure departure = new Departure(node, () -> evictions(server) > evictionsBefore);
        OptionalDouble calmAtSeconds = watch(node, signalNs, departure);
        double exitedAtSeconds = tally.seconds();
        if (evictions(server) == evictionsBefore) {
            throw new InconclusiveException(name(node) + " has exited without a word of its evictions");
        }

        phase.accept(name(node) + " restart");
        cluster.restart(node);
        double replacedAtSeconds = tally.seconds();
        judge.moveHome(node);
        senders.comeHome(node);
        phase.accept(name(node) + " settle");
        tally.awaitSeen(from, tally.mark(), SETTLE_TIMEOUT);
        Mark to = tally.mark();
        tally.awaitSeen(from, to, IN_FLIGHT_TIMEOUT);

        OptionalInt destination = departure.destination();
        return new Episode(
                name(node),
                destination.isPresent() ? name(destination.getAsInt()) : "-",
                departure.isComplete(),
                signalledAtSeconds,
                exitedAtSeconds,
                replacedAtSeconds,
                calmAtSeconds,
                loggedMs,
                departure.taken().toMillis(),
                departure.isComplete() ? client.figures().lastSwapNs() : OptionalLong.empty(),
                from,
                to);
    }

    /**
     * Watches the client until the lame server has exited, and lets the judge leave it in good time. Returns the beginning of a calm
     * second, if there was one.
     */
    private OptionalDouble watch(int node, long signalNs, Departure departure) throws InterruptedException {
        NatsServer server = cluster.server(node);
        OptionalDouble calmAtSeconds = OptionalDouble.empty();
        boolean judgeStepped = false;
        while (server.isAlive()) {
            if (since(signalNs).compareTo(EXIT_TIMEOUT) >= 0) {
                throw new InconclusiveException(
                        name(node) + " has not exited " + EXIT_TIMEOUT.toSeconds() + " s after its lame duck signal");
            }
            departure.onSighting(whereabouts.look(), since(signalNs));
            if (!judgeStepped && judge.mayStep()) {
                judge.step(node);
                senders.leave(node);
                judgeStepped = true;
            }
            if (calmAtSeconds.isEmpty() && isTimeForCalm(since(signalNs))) {
                calmAtSeconds = OptionalDouble.of(tally.seconds());
                // The server ignores a second signal. Sending it costs this machine as much as sending the first.
                server.lameDuck();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL_MS);
        }
        if (!judgeStepped) {
            throw new InconclusiveException(name(node) + " exited before the judge had left it");
        }
        boolean calmEnded =
                calmAtSeconds.isPresent() && tally.seconds() - calmAtSeconds.getAsDouble() >= SwapCost.WINDOW_SECONDS;
        return calmEnded ? calmAtSeconds : OptionalDouble.empty();
    }

    /** How often the server has begun to evict its clients, in all its runs. */
    private static long evictions(NatsServer server) {
        return server.log().stream().filter(line -> line.contains(EVICTION)).count();
    }

    private static boolean isTimeForCalm(Duration sinceSignal) {
        return sinceSignal.compareTo(CALM_AFTER) >= 0 && sinceSignal.compareTo(CALM_BY) < 0;
    }

    /** The node the client is active on, once it also has its standby elsewhere if it keeps one. Nothing has begun yet when it fails. */
    int awaitClient() throws InterruptedException {
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
