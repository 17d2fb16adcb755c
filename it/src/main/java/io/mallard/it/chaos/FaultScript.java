package io.mallard.it.chaos;

import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.run.Whereabouts;
import io.mallard.it.run.Whereabouts.Sighting;
import io.mallard.it.support.Await;
import io.mallard.it.support.ExternalProcess;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.RouteProxy;
import io.mallard.it.support.TcpProxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;

/**
 * Makes a fault happen, sees that it did, waits until the client is back, and makes everything whole again.
 *
 * <p>Threading: used by one thread.
 */
final class FaultScript {
    /** Longer than any bound: a client that is late is a finding, one that does not come back is the end of the run. */
    private static final Duration GIVE_UP = Duration.ofSeconds(20);

    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration EVIDENCE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(5);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);
    /** Behind the first probe that comes back: what is known a moment after it is known for good. */
    private static final Duration CONFIRMATION = Duration.ofMillis(100);

    private final ChaosCluster cluster;
    private final ChaosTraffic traffic;
    private final Generations generations;
    private final Whereabouts whereabouts;
    private int probes;

    /** Where the client is. */
    private record Place(int carrier, Set<Integer> standbys) {
        int node(Victim victim) {
            return switch (victim) {
                case CARRIER -> carrier;
                case STANDBY -> standbys.iterator().next();
                case IDLE -> {
                    for (int node = 0; node < ChaosCluster.NODES; node++) {
                        if (node != carrier && !standbys.contains(node)) {
                            yield node;
                        }
                    }
                    throw new InconclusiveException("the client is on every server");
                }
            };
        }
    }

    /** @param countedFromNs when the client could begin to come back */
    private record Course(String evidence, long countedFromNs, long backNs, long recoveredNs) {}

    /** @param confirmedNs when a later probe had come back too */
    private record Back(long atNs, long confirmedNs, long roundTripNs) {}

    FaultScript(ChaosCluster cluster, ChaosTraffic traffic, Generations generations) {
        this.cluster = cluster;
        this.traffic = traffic;
        this.generations = generations;
        this.whereabouts = new Whereabouts(cluster.servers(), ChaosTraffic.CLIENT_NAME);
    }

    /** The client is heard, and its messages arrive. */
    void awaitBeginning() throws InterruptedException {
        awaitBack();
    }

    Struck play(Fault fault) throws InterruptedException {
        Place place = awaitPlace();
        int node = place.node(fault.victim());
        long doubtBefore = traffic.client().metrics().publishesInDoubt();
        long beganNs = System.nanoTime();
        Course course = course(fault, node, place);
        cluster.servers().awaitRoutes();
        awaitPlace();
        return new Struck(
                fault,
                cluster.server(node).name(),
                beganNs,
                course.recoveredNs(),
                System.nanoTime(),
                Math.max(0, course.backNs() - course.countedFromNs()),
                traffic.client().metrics().publishesInDoubt() - doubtBefore,
                course.evidence());
    }

    private Course course(Fault fault, int node, Place place) throws InterruptedException {
        return switch (fault.kind()) {
            case LAME_DUCK -> lameDuck(node);
            case SLOW_LAME_DUCK -> slowLameDuck(node, fault.delay());
            case LAME_DUCK_KILLED -> killInHandover(node, fault.lasts());
            case UPGRADE -> upgrade(node);
            case KILL -> kill(node);
            case PAUSE -> pause(node, fault.lasts());
            case HANG -> hang(node, fault.lasts());
            case RESET -> reset(node);
            case CLIENT_PARTITION -> cutOffFrom(List.of(cluster.way(node)), fault.lasts(), false);
            case OUTAGE -> cutOffFrom(cluster.ways(), fault.lasts(), true);
            case ROUTE_PARTITION -> cutRoutes(node, fault.lasts());
            case ROUTE_DELAY -> slowRoutes(node, fault, place);
        };
    }

    private Course lameDuck(int node) throws InterruptedException {
        Course course = leave(node);
        cluster.servers().restart(node);
        return course;
    }

    /** A server goes lame, the client leaves it, and it exits. */
    private Course leave(int node) throws InterruptedException {
        NatsServer server = cluster.server(node);
        long beganNs = System.nanoTime();
        announce(server);
        await("the client to leave " + server.name(), () -> {
            Sighting sighting = whereabouts.look();
            return (sighting.activeOff(node).isPresent() && sighting.isNotOn(node)) || !server.isAlive();
        });
        long leftNs = System.nanoTime();
        server.awaitExit(EXIT_TIMEOUT);
        return new Course("entered lame duck mode and exited, by its log", beganNs, leftNs, leftNs);
    }

    private Course slowLameDuck(int node, Duration delay) throws InterruptedException {
        RouteProxy route = cluster.routeToJudge(node);
        long bytesBefore = route.delayedBytes();
        route.delayBy(delay);
        Course course;
        try {
            course = leave(node);
        } finally {
            route.heal();
        }
        long bytes = require("late bytes", route.delayedBytes() - bytesBefore);
        cluster.servers().restart(node);
        return new Course(
                course.evidence() + ", " + bytes + " bytes late",
                course.countedFromNs(),
                course.backNs(),
                course.recoveredNs());
    }

    private Course killInHandover(int node, Duration behind) throws InterruptedException {
        NatsServer server = cluster.server(node);
        announce(server);
        sleep(behind);
        require("servers to kill", server.isAlive() ? 1 : 0);
        long killedNs = System.nanoTime();
        server.kill();
        server.awaitExit(EXIT_TIMEOUT);
        Back back = awaitBack();
        cluster.servers().restart(node);
        return new Course(
                "entered lame duck mode by its log, and gone " + behind.toMillis() + " ms later",
                killedNs,
                back.atNs(),
                back.confirmedNs());
    }

    private static void announce(NatsServer server) {
        server.lameDuck();
        server.awaitLog("(?i)entering lame duck mode", EVIDENCE_TIMEOUT);
    }

    private Course upgrade(int first) throws InterruptedException {
        String from = cluster.server(first).version().text();
        String to = generations.next();
        Course course = null;
        long slowestNs = 0;
        for (int i = 0; i < ChaosCluster.NODES; i++) {
            int node = (first + i) % ChaosCluster.NODES;
            awaitPlace();
            course = leave(node);
            slowestNs = Math.max(slowestNs, course.backNs() - course.countedFromNs());
            cluster.servers().restart(node, to);
        }
        String now = version(first);
        for (int node = 0; node < ChaosCluster.NODES; node++) {
            if (!version(node).equals(now)) {
                throw new InconclusiveException(cluster.server(node).name() + " is " + version(node) + ", not " + now);
            }
        }
        long nowNs = System.nanoTime();
        return new Course("three servers went lame, " + from + " → " + now, nowNs - slowestNs, nowNs, nowNs);
    }

    private String version(int node) {
        return cluster.server(node).monitoring("/varz").path("version").asText();
    }

    private Course kill(int node) throws InterruptedException {
        NatsServer server = cluster.server(node);
        long killedNs = System.nanoTime();
        server.kill();
        server.awaitExit(EXIT_TIMEOUT);
        Back back = awaitBack();
        cluster.servers().restart(node);
        return new Course("its process is gone", killedNs, back.atNs(), back.confirmedNs());
    }

    private Course pause(int node, Duration lasts) throws InterruptedException {
        stopProcess(node);
        sleep(lasts);
        cluster.server(node).resume();
        long resumedNs = System.nanoTime();
        Back back = awaitBack();
        return new Course("its process was in state T", resumedNs, back.atNs(), back.confirmedNs());
    }

    private Course hang(int node, Duration lasts) throws InterruptedException {
        long beganNs = System.nanoTime();
        stopProcess(node);
        Back back;
        try {
            back = awaitBack();
            sleepUntil(beganNs + lasts.toNanos());
        } finally {
            cluster.server(node).resume();
        }
        return new Course("its process was in state T", beganNs, back.atNs(), back.confirmedNs());
    }

    private void stopProcess(int node) {
        NatsServer server = cluster.server(node);
        server.pause();
        Await.until(
                server.name() + " to be stopped",
                EVIDENCE_TIMEOUT,
                () -> ExternalProcess.run(
                                EVIDENCE_TIMEOUT, List.of("ps", "-o", "stat=", "-p", Long.toString(server.pid())))
                        .startsWith("T"));
    }

    private Course reset(int node) throws InterruptedException {
        long beganNs = System.nanoTime();
        int reset = require("connections to reset", cluster.way(node).reset());
        Back back = awaitBack();
        return new Course(reset + " reset", beganNs, back.atNs(), back.confirmedNs());
    }

    /** @param everywhere whether the client can come back only when it is over */
    private Course cutOffFrom(List<TcpProxy> ways, Duration lasts, boolean everywhere) throws InterruptedException {
        long beganNs = System.nanoTime();
        ways.forEach(TcpProxy::shut);
        int reset;
        Back back;
        try {
            reset = require(
                    "connections to reset",
                    ways.stream().mapToInt(TcpProxy::reset).sum());
            if (everywhere) {
                sleep(lasts);
                beganNs = System.nanoTime();
                ways.forEach(TcpProxy::open);
            }
            back = awaitBack();
            sleepUntil(beganNs + lasts.toNanos());
        } finally {
            ways.forEach(TcpProxy::open);
        }
        return new Course(reset + " reset", beganNs, back.atNs(), back.confirmedNs());
    }

    private Course cutRoutes(int node, Duration lasts) throws InterruptedException {
        List<RouteProxy> routes = cluster.routes(node);
        int cut = 0;
        try {
            for (RouteProxy route : routes) {
                cut += route.cut();
            }
            require("routes to reset", cut);
            awaitNoRoute(node);
            sleep(lasts);
        } finally {
            routes.forEach(RouteProxy::open);
        }
        long openedNs = System.nanoTime();
        Back back = awaitBack();
        return new Course(
                cut + " routes reset, none left by the monitoring", openedNs, back.atNs(), back.confirmedNs());
    }

    private void awaitNoRoute(int node) {
        String name = cluster.server(node).name();
        Await.until(
                "no route to " + name,
                EVIDENCE_TIMEOUT,
                () -> StreamSupport.stream(
                                cluster.judges()
                                        .monitoring("/routez")
                                        .path("routes")
                                        .spliterator(),
                                false)
                        .noneMatch(route -> route.path("remote_name").asText().equals(name)));
    }

    private Course slowRoutes(int node, Fault fault, Place place) throws InterruptedException {
        List<RouteProxy> routes = cluster.routes(node);
        long bytesBefore = routes.stream().mapToLong(RouteProxy::delayedBytes).sum();
        long beganNs = System.nanoTime();
        Back back;
        try {
            routes.forEach(route -> route.delayBy(fault.delay()));
            back = awaitBack();
            if (node == place.carrier()) {
                // There and back.
                require(
                        "probe that was late both ways",
                        back.roundTripNs() - 2 * fault.delay().toNanos());
            }
            sleepUntil(beganNs + fault.lasts().toNanos());
        } finally {
            routes.forEach(route -> route.heal());
        }
        long bytes = require(
                "late bytes",
                routes.stream().mapToLong(RouteProxy::delayedBytes).sum() - bytesBefore);
        return new Course(
                String.format(Locale.ROOT, "%d bytes late, a probe took %.1f ms", bytes, back.roundTripNs() / 1e6),
                beganNs,
                back.atNs(),
                back.confirmedNs());
    }

    /** Waits until messages get to the client and from it again. */
    private Back awaitBack() throws InterruptedException {
        int first = probes + 1;
        await("the client", () -> isProbedBack(first));
        long backNs = System.nanoTime();
        sleep(CONFIRMATION);
        int second = probes + 1;
        long sentNs = System.nanoTime();
        await("the client once more", () -> isProbedBack(second));
        long confirmedNs = System.nanoTime();
        return new Back(backNs, confirmedNs, confirmedNs - sentNs);
    }

    private boolean isProbedBack(int from) {
        if (traffic.lastProbeBack() >= from) {
            return true;
        }
        traffic.probe(++probes);
        return false;
    }

    /** The client is on one server, as active as it is to be, and has a standby; all by the word of the servers. */
    private Place awaitPlace() throws InterruptedException {
        for (long deadlineNs = System.nanoTime() + GIVE_UP.toNanos(); System.nanoTime() - deadlineNs < 0; ) {
            Sighting sighting = whereabouts.look();
            if (sighting.active().size() == 1
                    && sighting.connected().size() == 2
                    && traffic.client().isHotSwapAvailable()) {
                int carrier = sighting.active().iterator().next();
                Set<Integer> standbys = new HashSet<>(sighting.connected());
                standbys.remove(carrier);
                return new Place(carrier, standbys);
            }
            sleep(LOOK_INTERVAL);
        }
        throw new InconclusiveException(
                "the client is not on one server with a standby on another: " + whereabouts.look());
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - beganNs >= GIVE_UP.toNanos()) {
                throw new InconclusiveException("waited " + GIVE_UP.toSeconds() + " s in vain for " + what);
            }
            sleep(PROBE_INTERVAL);
        }
    }

    private static int require(String what, int count) {
        return (int) require(what, (long) count);
    }

    /** A fault that has not happened proves nothing. */
    private static long require(String what, long count) {
        if (count <= 0) {
            throw new InconclusiveException("the fault did not happen: no " + what);
        }
        return count;
    }

    private static void sleep(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    private static void sleepUntil(long atNs) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, atNs - System.nanoTime()));
    }
}
