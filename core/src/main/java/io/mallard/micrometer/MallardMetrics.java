package io.mallard.micrometer;

import io.mallard.ClientMetrics;
import io.mallard.DurationSummary;
import io.mallard.HotSwapHealthCheck;
import io.mallard.HotSwapHealthCheck.Readiness;
import io.mallard.NatsClient;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one client as meters, under names that begin with {@code mallard.}: {@link ClientMetrics}, and what state the client is
 * in. A Prometheus registry makes {@code mallard_hot_swap_attempts_total} of {@code mallard.hot.swap.attempts}, and so on; the
 * alerts, the dashboard and the runbook that come with Mallard use these names.
 *
 * <p>The client counts whether it is asked or not; a meter is read when the registry publishes. Clients of one process need tags
 * that tell them apart, also one after the other: bind the figures of the next one when those of the last one are closed. A registry has
 * these figures, and with them the client, until they are closed, which is to be done with the client.
 *
 * <p>Threading: any thread.
 */
public final class MallardMetrics implements MeterBinder, AutoCloseable {
    private static final long KEPT_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Map<String, ToLongFunction<DurationSummary>> QUANTILES = Map.of(
            "0.5", DurationSummary::p50Ns,
            "0.95", DurationSummary::p95Ns,
            "0.99", DurationSummary::p99Ns);

    /** {@code takenNs} is of no use without metrics. */
    private record Snapshot(@Nullable ClientMetrics metrics, long takenNs) {
        static final Snapshot NONE = new Snapshot(null, 0);
    }

    private record Figure(String name, String unit, String description, ToDoubleFunction<ClientMetrics> value) {
        Figure(String name, String description, ToDoubleFunction<ClientMetrics> value) {
            this(name, "", description, value);
        }
    }

    private record State(String name, String description, Predicate<NatsClient> holds) {}

    private record Times(String name, String description, Function<ClientMetrics, DurationSummary> value) {}

    private static final List<Figure> COUNTERS = List.of(
            new Figure(
                    "messages.received",
                    "Messages and replies that servers have sent, second copies included",
                    ClientMetrics::messagesReceived),
            new Figure(
                    "messages.sent", "Publishes, answers and requests handed to a socket", ClientMetrics::messagesSent),
            new Figure("received", "bytes", "Bytes that servers have sent", ClientMetrics::bytesReceived),
            new Figure("sent", "bytes", "Bytes handed to a socket", ClientMetrics::bytesSent),
            new Figure(
                    "publishes.in.doubt",
                    "Publishes of which nobody knows whether they arrived",
                    ClientMetrics::publishesInDoubt),
            new Figure(
                    "publishes.resent",
                    "Publishes sent a second time because their connection was lost",
                    ClientMetrics::publishesResent),
            new Figure(
                    "publishes.refused",
                    "Publishes refused because a buffer was full",
                    ClientMetrics::publishesRefused),
            new Figure(
                    "lame.duck.events",
                    "Connections whose server announced its leaving while they carried the traffic",
                    ClientMetrics::lameDuckEvents),
            new Figure("hot.swap.attempts", "Hot swaps and failures of them", ClientMetrics::hotSwapAttempts),
            new Figure(
                    "hot.swap.failures",
                    "Leaving servers for which every other one was tried in vain, or that were gone before",
                    ClientMetrics::hotSwapFailures),
            new Figure(
                    "zero.downtime.achievements",
                    "Leaving servers that were left without a loss",
                    ClientMetrics::zeroDowntimeAchievements),
            new Figure("zero.downtime.failures", "Those that were not", ClientMetrics::zeroDowntimeFailures),
            new Figure(
                    "handovers", "Moves to another server while the old one was still there", ClientMetrics::handovers),
            new Figure("reconnects", "Moves after the old connection was lost", ClientMetrics::reconnects),
            new Figure(
                    "duplicates.dropped",
                    "Second copies of messages that came through two servers",
                    ClientMetrics::duplicatesDropped),
            new Figure(
                    "messages.dropped",
                    "Messages that were dropped because their handler was too slow",
                    ClientMetrics::messagesDropped),
            new Figure("slow.consumers", "How often a handler began to be too slow", ClientMetrics::slowConsumers),
            new Figure(
                    "ambiguous",
                    "Messages of handovers that look like a neighbour: perhaps delivered twice",
                    ClientMetrics::ambiguous),
            new Figure(
                    "held.over.limit",
                    "Messages of handovers there was no room to hold: delivered out of turn",
                    ClientMetrics::heldOverLimit),
            new Figure(
                    "long.loop.turns",
                    "Turns of the event loop of 10 ms or more, in which everybody's messages waited",
                    ClientMetrics::longLoopTurns),
            new Figure("requests.answered", "Requests that got a reply", ClientMetrics::requestsAnswered),
            new Figure("requests.timed.out", "Requests that got none in time", ClientMetrics::requestsTimedOut),
            new Figure(
                    "requests.failed",
                    "Requests that ended before their time without one: refused, nobody listened, connection or client closed",
                    ClientMetrics::requestsFailed),
            new Figure(
                    "requests.retried",
                    "Requests sent again because, in a handover, nobody listened",
                    ClientMetrics::requestsRetried),
            new Figure(
                    "requests.resent",
                    "Idempotent requests sent again because their connection was lost",
                    ClientMetrics::requestsResent),
            new Figure(
                    "requests.buffered",
                    "Requests that had to wait for a connection",
                    metrics -> metrics.requestBuffer().buffered()),
            new Figure(
                    "buffered.requests.answered",
                    "Those of them that were answered",
                    metrics -> metrics.requestBuffer().answered()),
            new Figure(
                    "buffered.requests.expired",
                    "Those of them that were not sent by their deadline",
                    metrics -> metrics.requestBuffer().expired()),
            new Figure(
                    "buffer.overflow.count",
                    "Requests refused because too many waited",
                    metrics -> metrics.requestBuffer().overflows()),
            new Figure(
                    "fallbacks",
                    "How often, while a server was being left, the first request had to wait",
                    metrics -> metrics.requestBuffer().fallbacks()));

    private static final List<Figure> GAUGES = List.of(
            new Figure(
                    "request.buffer.size",
                    "How many requests may wait for a connection",
                    metrics -> metrics.requestBuffer().capacity()),
            new Figure(
                    "buffer.depth",
                    "How many requests wait for a connection",
                    metrics -> metrics.requestBuffer().depth()),
            new Figure(
                    "max.buffer.depth",
                    "The most requests that waited for a connection at a time, of the last minute or two",
                    metrics -> metrics.requestBuffer().recentMaxDepth()),
            new Figure(
                    "buffer",
                    "bytes",
                    "Bytes of the requests that wait for a connection",
                    metrics -> metrics.requestBuffer().bytes()),
            new Figure(
                    "max.buffer",
                    "bytes",
                    "The most bytes that waited for a connection at a time, of the last minute or two",
                    metrics -> metrics.requestBuffer().recentPeakBytes()),
            new Figure(
                    "request.buffer.capacity",
                    "bytes",
                    "How many bytes of requests may wait for a connection",
                    metrics -> metrics.requestBuffer().maxBytes()),
            new Figure("pending.requests", "Requests that wait for a reply", ClientMetrics::pendingRequests));

    private static final List<State> STATES = List.of(
            new State(
                    "connected",
                    "1 while a connection carries the traffic",
                    client -> client.connectedUrl().isPresent()),
            new State("standby.available", "1 while a connection stands by", NatsClient::isHotSwapAvailable),
            new State(
                    "standby.missing",
                    "1 while traffic flows and nothing stands by though it should",
                    client -> new HotSwapHealthCheck(client).readiness() == Readiness.NO_STANDBY),
            new State("lame.duck.mode", "1 while a leaving server is being left", NatsClient::isInLameDuckMode));

    private static final List<Times> TIMES = List.of(
            new Times(
                    "hot.swap.creation",
                    "From the news that a server leaves until a standby had taken over",
                    ClientMetrics::hotSwapCreation),
            new Times(
                    "swap", "From the reason to leave a server until another one had the traffic", ClientMetrics::swap),
            new Times(
                    "request.overhead",
                    "By how much the first request after a move took longer than those before",
                    ClientMetrics::requestOverhead),
            new Times(
                    "recovery",
                    "From the news that a server leaves until nothing was left there",
                    ClientMetrics::recovery),
            new Times(
                    "outage", "From the loss of a connection until another one had the traffic", ClientMetrics::outage),
            new Times(
                    "buffer.wait",
                    "How long requests waited that a connection took at last",
                    metrics -> metrics.requestBuffer().waits()));

    private final NatsClient client;
    private final Tags tags;
    private final Queue<Runnable> removals = new ConcurrentLinkedQueue<>();
    /** The figures of a page belong together, and are taken once for all its meters. */
    private volatile Snapshot snapshot = Snapshot.NONE;

    /**
     * The figures of a client without tags.
     *
     * @param client the only one of the process, or of a registry with tags of its own
     */
    public MallardMetrics(NatsClient client) {
        this(client, Tags.empty());
    }

    /**
     * The figures of a client.
     *
     * @param client whose they are
     * @param tags of every meter, such as {@code client=orders}
     */
    public MallardMetrics(NatsClient client, Iterable<Tag> tags) {
        this.client = client;
        this.tags = Tags.of(tags);
    }

    /** Meters keep what they read weakly, but their functions for good: those here have this object with them. */
    @Override
    public void bindTo(MeterRegistry registry) {
        for (Figure counter : COUNTERS) {
            keep(
                    registry,
                    FunctionCounter.builder(name(counter.name), this, of -> counter.value.applyAsDouble(figures()))
                            .baseUnit(counter.unit.isEmpty() ? null : counter.unit)
                            .description(counter.description)
                            .tags(tags)
                            .register(registry));
        }
        for (Figure gauge : GAUGES) {
            keep(
                    registry,
                    Gauge.builder(name(gauge.name), this, of -> gauge.value.applyAsDouble(figures()))
                            .baseUnit(gauge.unit.isEmpty() ? null : gauge.unit)
                            .description(gauge.description)
                            .tags(tags)
                            .register(registry));
        }
        for (State state : STATES) {
            keep(
                    registry,
                    Gauge.builder(name(state.name), this, of -> state.holds.test(client) ? 1 : 0)
                            .description(state.description)
                            .tags(tags)
                            .register(registry));
        }
        keep(
                registry,
                TimeGauge.builder(
                                name("age"),
                                this,
                                TimeUnit.NANOSECONDS,
                                of -> figures().ageNs())
                        .description("Since the client was made")
                        .tags(tags)
                        .register(registry));
        TIMES.forEach(times -> bind(times, registry));
    }

    private void bind(Times times, MeterRegistry registry) {
        keep(
                registry,
                FunctionTimer.builder(
                                name(times.name),
                                this,
                                of -> times.value.apply(figures()).count(),
                                of -> times.value.apply(figures()).totalNs(),
                                TimeUnit.NANOSECONDS)
                        .description(times.description)
                        .tags(tags)
                        .register(registry));
        QUANTILES.forEach(
                (quantile, value) -> bind(times, "quantile", value, tags.and("quantile", quantile), registry));
        bind(times, "max", DurationSummary::maxNs, tags, registry);
    }

    private void bind(
            Times times, String suffix, ToLongFunction<DurationSummary> value, Tags all, MeterRegistry registry) {
        keep(
                registry,
                TimeGauge.builder(
                                name(times.name + "." + suffix),
                                this,
                                TimeUnit.NANOSECONDS,
                                of -> orNothing(times.value.apply(figures()), value))
                        .description(times.description + ", since the client was made")
                        .tags(all)
                        .register(registry));
    }

    private ClientMetrics figures() {
        long nowNs = System.nanoTime();
        Snapshot latest = snapshot;
        ClientMetrics metrics = latest.metrics;
        if (metrics == null || nowNs - latest.takenNs >= KEPT_NS) {
            metrics = client.metrics();
            snapshot = new Snapshot(metrics, nowNs);
        }
        return metrics;
    }

    /** Nothing is not a short time. */
    private static double orNothing(DurationSummary times, ToLongFunction<DurationSummary> value) {
        return times.count() == 0 ? Double.NaN : value.applyAsLong(times);
    }

    private static String name(String last) {
        return "mallard." + last;
    }

    private void keep(MeterRegistry registry, Meter meter) {
        removals.add(() -> registry.remove(meter));
    }

    /** Takes the meters out of their registries: those of a client that is closed would stay, and keep the names for themselves. */
    @Override
    public void close() {
        Runnable removal;
        while ((removal = removals.poll()) != null) {
            removal.run();
        }
    }
}
