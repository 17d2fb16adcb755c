package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.ExecutionLedger;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.judge.Judge;
import io.mallard.it.load.ClientOptions;
import io.mallard.it.load.LatencyTimeline;
import io.mallard.it.load.Load;
import io.mallard.it.load.LoadClient;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NatsServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run from the first server's start to the last one's end: cluster, judge, client, load, the episodes, and what they showed.
 *
 * <p>Threading: used by one thread.
 */
public final class LameDuckRun {
    /** For the load to catch up and its last requests to end, one way or the other. */
    private static final Duration FINISH_TIMEOUT = Duration.ofSeconds(10);
    /** For the last publishes to reach every receiver. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    private final RunOptions options;
    private final RunObserver observer;

    private final DeliveryLedger deliveries;
    private final ExecutionLedger executions = new ExecutionLedger();
    private final List<Episode> episodes = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private double judgedFromSeconds;

    public LameDuckRun(RunOptions options, RunObserver observer) {
        this.options = options;
        this.observer = observer;
        this.deliveries = new DeliveryLedger(Load.PUBLISHERS, options.nodes());
    }

    public RunResult play() throws InterruptedException {
        observer.onPhase("starting " + options.nodes() + " servers");
        NatsServerConfig.Builder template = NatsServerConfig.builder();
        if (!options.serverVersion().isEmpty()) {
            template.version(options.serverVersion());
        }
        try (NatsCluster cluster = NatsCluster.start(options.nodes(), template.build())) {
            long startNs = System.nanoTime();
            LatencyTimeline latencies = new LatencyTimeline(startNs);
            LatencyTimeline delays = new LatencyTimeline(startNs);
            ClientOptions clientOptions =
                    new ClientOptions(cluster.urls(), "demo-" + options.client(), options.hotSwap(), options.seed());
            try (Judge judge = new Judge(cluster, deliveries, executions, delays::record)) {
                judge.takeSeats();
                observer.onPhase("warm-up");
                try (LoadClient client = options.client().connect(clientOptions);
                        Load load = Load.start(client, options.rates(), options.nodes(), latencies, deliveries)) {
                    EpisodeScript script = new EpisodeScript(
                            cluster,
                            judge,
                            deliveries,
                            load,
                            latencies,
                            new Whereabouts(cluster, clientOptions.name()),
                            options.client().keepsStandby(clientOptions),
                            observer::onPhase);
                    try (Sampler sampler = Sampler.start(deliveries, load, latencies, delays, observer)) {
                        TimeUnit.MILLISECONDS.sleep(options.warmUp().toMillis());
                        judgedFromSeconds = latencies.secondsAt(System.nanoTime());
                        sampler.judgeFrom(judgedFromSeconds);
                        play(script);
                        finish(load);
                    }
                    deliveries.awaitSeen(deliveries.origin(), deliveries.position(), DRAIN_TIMEOUT);
                    troubles.addAll(judge.troubles());
                    return result(cluster, client, load, latencies, delays);
                }
            }
        }
    }

    private void play(EpisodeScript script) throws InterruptedException {
        try {
            for (int round = 0; round < options.rounds(); round++) {
                script.playRound(episodes::add);
            }
        } catch (InconclusiveException | NatsServerException e) {
            troubles.add(e.getMessage());
        }
    }

    private void finish(Load load) throws InterruptedException {
        observer.onPhase("drain");
        if (!load.finish(FINISH_TIMEOUT)) {
            troubles.add("the load was not sent " + FINISH_TIMEOUT.toSeconds() + " s after its end");
        }
    }

    private RunResult result(
            NatsCluster cluster, LoadClient client, Load load, LatencyTimeline latencies, LatencyTimeline delays) {
        return new RunResult(
                options.episodes(),
                episodes.stream()
                        .map(episode -> new Episode.Judged(episode, deliveries.between(episode.from(), episode.to())))
                        .toList(),
                load.requests(),
                load.requestsFailed(),
                deliveries.between(deliveries.origin(), deliveries.position()),
                load.shareOfSchedule(),
                judgedFromSeconds,
                latencies.worstMs(judgedFromSeconds, Double.MAX_VALUE),
                client.inDoubt(),
                executions.repeated(),
                load.failureReasons(),
                load.refusalReasons(),
                List.copyOf(troubles),
                latencies.samples(),
                delays.samples(),
                load.failures(),
                cluster.server(0).version().text());
    }
}
