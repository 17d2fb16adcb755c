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

    public LameDuckRun(RunOptions options, RunObserver observer) {
        this.options = options;
        this.observer = observer;
        this.deliveries = new DeliveryLedger(Load.PUBLISHERS, options.nodes());
    }

    public RunResult play() throws InterruptedException {
        observer.onPhase("starting " + options.nodes() + " servers");
        NatsServerConfig.Builder template = NatsServerConfig.builder().lameDuckGrace(EpisodeScript.GRACE);
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
                        Load load = new Load(client, options.rates(), options.nodes(), latencies, deliveries)) {
                    load.start();
                    Tally tally = new Tally(load, latencies, deliveries);
                    EpisodeScript script = new EpisodeScript(
                            cluster,
                            judge,
                            deliveries,
                            tally,
                            new Whereabouts(cluster, clientOptions.name()),
                            options.client().keepsStandby(clientOptions),
                            observer::onPhase);
                    Mark warmedUp;
                    try (Sampler sampler = new Sampler(deliveries, load, latencies, delays, observer)) {
                        sampler.start();
                        TimeUnit.MILLISECONDS.sleep(options.warmUp().toMillis());
                        warmedUp = tally.mark();
                        sampler.judgeFrom(warmedUp.atSeconds());
                        play(script);
                        finish(load);
                    }
                    deliveries.awaitSeen(deliveries.origin(), deliveries.position(), DRAIN_TIMEOUT);
                    troubles.addAll(judge.troubles());
                    return result(cluster, client, load, tally, warmedUp, latencies, delays);
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
            NatsCluster cluster,
            LoadClient client,
            Load load,
            Tally tally,
            Mark warmedUp,
            LatencyTimeline latencies,
            LatencyTimeline delays) {
        Mark end = tally.mark();
        return new RunResult(
                options.episodes(),
                tally.between(tally.origin(), end),
                tally.between(tally.origin(), warmedUp),
                episodes.stream()
                        .map(episode -> new Episode.Judged(episode, tally.between(episode.from(), episode.to())))
                        .toList(),
                rest(tally, warmedUp, end),
                load.shareOfSchedule(),
                warmedUp.atSeconds(),
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

    /** The gaps between the episodes, with those before the first and behind the last one. */
    private Stretch rest(Tally tally, Mark warmedUp, Mark end) {
        Stretch rest = Stretch.NONE;
        Mark gapBegan = warmedUp;
        for (Episode episode : episodes) {
            rest = rest.plus(tally.between(gapBegan, episode.from()));
            gapBegan = episode.to();
        }
        return rest.plus(tally.between(gapBegan, end));
    }
}
