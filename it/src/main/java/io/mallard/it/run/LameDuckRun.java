package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.ExecutionLedger;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.judge.Judge;
import io.mallard.it.judge.Senders;
import io.mallard.it.load.ClientFigures;
import io.mallard.it.load.ClientOptions;
import io.mallard.it.load.Load;
import io.mallard.it.load.LoadClient;
import io.mallard.it.load.Timelines;
import io.mallard.it.load.Window;
import io.mallard.it.run.RunObserver.Snapshot;
import io.mallard.it.support.LeakDetector;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NatsServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One run from the first server's start to the last one's end: cluster, judge, client, load, the episodes, and what they showed.
 *
 * <p>Threading: used by one thread.
 */
public final class LameDuckRun {
    /** For the load to catch up and its last requests to end, one way or the other. */
    private static final Duration FINISH_TIMEOUT = Duration.ofSeconds(10);
    /** For the last messages to arrive. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    /** So often the client may not be where the script wants it; every time takes a while. */
    private static final int MISSED_AT_MOST = 3;

    /** What a run has ended may take a moment to be gone. */
    private static final Duration GONE_TIMEOUT = Duration.ofSeconds(5);

    private final RunOptions options;
    private final RunObserver observer;

    private final DeliveryLedger publishes;
    private final DeliveryLedger receives;
    private final ExecutionLedger executions = new ExecutionLedger();
    private final StandbyLog standby = new StandbyLog();
    private final List<Episode> episodes = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();

    private final CountDownLatch stopped = new CountDownLatch(1);

    // Written by the thread of the run, read by the sampler's.
    private volatile int played;
    private volatile double judgedFromSeconds = Double.MAX_VALUE;

    /** What remains when everything that ran is closed. */
    private record Remains(
            Load load,
            Tally tally,
            Mark warmedUp,
            Mark end,
            double shareSent,
            ClientFigures client,
            Timelines timelines,
            String serverVersion) {}

    public LameDuckRun(RunOptions options, RunObserver observer) {
        this.options = options;
        this.observer = observer;
        this.publishes = new DeliveryLedger(Load.PUBLISHERS, options.nodes());
        this.receives = new DeliveryLedger(options.nodes(), 1);
    }

    public RunResult play() throws InterruptedException {
        try (LeakDetector leaks = LeakDetector.start();
                LoggedFailures logged = LoggedFailures.open()) {
            Remains remains = playOnCluster();
            List<String> defects = new ArrayList<>();
            leaks.left(GONE_TIMEOUT).forEach(left -> defects.add("left behind: " + left));
            leaks.uncaught().forEach(uncaught -> defects.add(String.valueOf(uncaught.getMessage())));
            defects.addAll(logged.all());
            try (Timelines timelines = remains.timelines()) {
                return result(remains, timelines, defects);
            }
        }
    }

    /** Ends the run before its time, but not in the middle of an episode: its result is that of what there was. Any thread. */
    public void stop() {
        stopped.countDown();
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private Remains playOnCluster() throws InterruptedException {
        observer.onPhase("starting " + options.nodes() + " servers");
        NatsServerConfig.Builder template = NatsServerConfig.builder().lameDuckGrace(EpisodeScript.GRACE);
        if (!options.serverVersion().isEmpty()) {
            template.version(options.serverVersion());
        }
        try (NatsCluster cluster = NatsCluster.start(options.nodes(), template.build())) {
            Timelines timelines = Timelines.startingAt(System.nanoTime());
            try (Judge judge = new Judge(
                            cluster,
                            publishes,
                            executions,
                            delayNs -> timelines.deliveries().record(delayNs));
                    Senders senders = new Senders(
                            cluster, receives, delayNs -> timelines.receives().record(delayNs))) {
                judge.takeSeats();
                return playUnderLoad(cluster, judge, senders, timelines);
            }
        }
    }

    private Remains playUnderLoad(NatsCluster cluster, Judge judge, Senders senders, Timelines timelines)
            throws InterruptedException {
        ClientOptions clientOptions =
                new ClientOptions(cluster.urls(), "run-" + options.client(), options.hotSwap(), options.seed());
        observer.onPhase("warm-up");
        try (LoadClient client = options.client().connect(clientOptions)) {
            observer.onClient(client);
            client.subscribe(Senders.SUBJECTS, senders::onMessage);
            senders.takeSeats();
            try (Load load = new Load(
                    client,
                    options.rates(),
                    options.requesterThreads(),
                    options.nodes(),
                    timelines.requests(),
                    publishes,
                    senders)) {
                load.start();
                Tally tally = new Tally(load, timelines.requests(), publishes, receives);
                EpisodeScript script = new EpisodeScript(
                        cluster,
                        client,
                        judge,
                        senders,
                        tally,
                        new Whereabouts(cluster, clientOptions.name()),
                        options.client().keepsStandby(clientOptions),
                        observer::onPhase);
                Mark warmedUp;
                try (Sampler sampler =
                        new Sampler(load, timelines, publishes, receives, snapshot -> onSnapshot(snapshot, client))) {
                    sampler.start();
                    TimeUnit.MILLISECONDS.sleep(options.warmUp().toMillis());
                    warmedUp = tally.mark();
                    judgedFromSeconds = warmedUp.atSeconds();
                    sampler.judgeFrom(warmedUp.atSeconds());
                    playTimetable(script, tally);
                    finish(load);
                }
                tally.awaitSeen(tally.origin(), tally.mark(), DRAIN_TIMEOUT);
                troubles.addAll(judge.troubles());
                troubles.addAll(senders.troubles());
                addMissedServers(cluster);
                return new Remains(
                        load,
                        tally,
                        warmedUp,
                        tally.mark(),
                        load.shareOfSchedule(),
                        client.figures(),
                        timelines,
                        cluster.server(0).version().text());
            }
        }
    }

    private void onSnapshot(Snapshot snapshot, LoadClient client) {
        standby.add(snapshot.atSeconds(), client.isStandbyReady());
        tellProgress(snapshot.atSeconds());
        observer.onSnapshot(snapshot);
    }

    private void tellProgress(double atSeconds) {
        observer.onProgress(options.timetable().done(played, Math.max(0, atSeconds - judgedFromSeconds)));
    }

    private void playTimetable(EpisodeScript script, Tally tally) throws InterruptedException {
        long beganNs = System.nanoTime();
        List<Duration> due = options.timetable().lameDucks();
        int missed = 0;
        try {
            while (missed < MISSED_AT_MOST && episodes.size() + missed < due.size()) {
                awaitTime(beganNs, due.get(episodes.size() + missed));
                if (isStopped()) {
                    break;
                }
                OptionalInt node = findClient(script);
                if (node.isEmpty()) {
                    missed++;
                } else {
                    Episode episode = script.play(node.getAsInt());
                    episodes.add(episode);
                    played = episodes.size();
                    tellProgress(tally.seconds());
                    observer.onEpisode(played, judged(episode, tally));
                }
            }
            awaitTime(beganNs, options.timetable().atLeast());
            if (isStopped()) {
                troubles.add("the run was stopped at second " + Math.round(tally.seconds()));
            }
        } catch (InconclusiveException | NatsServerException e) {
            troubles.add(e.getMessage());
        }
    }

    private void awaitTime(long beganNs, Duration due) throws InterruptedException {
        long leftNs = due.toNanos() - (System.nanoTime() - beganNs);
        if (leftNs > 0) {
            observer.onPhase("calm");
            var unused = stopped.await(leftNs, TimeUnit.NANOSECONDS);
        }
    }

    /** Not to find it costs an episode, and not the run: nothing has been touched, and the next attempt may show more of what is wrong. */
    private OptionalInt findClient(EpisodeScript script) throws InterruptedException {
        try {
            return OptionalInt.of(script.awaitClient());
        } catch (InconclusiveException e) {
            troubles.add(e.getMessage());
            return OptionalInt.empty();
        }
    }

    private void finish(Load load) throws InterruptedException {
        observer.onPhase("drain");
        if (!load.finish(FINISH_TIMEOUT)) {
            troubles.add("the load was not sent " + FINISH_TIMEOUT.toSeconds() + " s after its end");
        }
    }

    /** With as many episodes as servers, each of them is to have had its own. */
    private void addMissedServers(NatsCluster cluster) {
        if (episodes.size() < cluster.size()) {
            return;
        }
        Set<String> visited = episodes.stream().map(Episode::server).collect(Collectors.toSet());
        cluster.servers().stream()
                .map(NatsServer::name)
                .filter(name -> !visited.contains(name))
                .forEach(name -> troubles.add("the client was never on " + name));
    }

    private RunResult result(Remains remains, Timelines timelines, List<String> defects) {
        Load load = remains.load();
        Tally tally = remains.tally();
        Mark warmedUp = remains.warmedUp();
        Mark end = remains.end();
        Times times = Times.of(new Window(warmedUp.atSeconds(), end.atSeconds()), episodes);
        return new RunResult(
                options.timetable().lameDucks().size(),
                tally.between(tally.origin(), end),
                tally.between(tally.origin(), warmedUp),
                episodes.stream().map(episode -> judged(episode, tally)).toList(),
                rest(tally, warmedUp, end),
                remains.shareSent(),
                warmedUp.atSeconds(),
                remains.client(),
                executions.repeated(),
                load.failureReasons(),
                load.refusalReasons(),
                List.copyOf(troubles),
                List.copyOf(defects),
                timelines.requests().samples(),
                timelines.deliveries().samples(),
                timelines.receives().samples(),
                Latencies.of(timelines, times),
                SwapCost.of(episodes, timelines),
                RequestOutcome.answered(
                        times.lameDuck(), options.rates().requests(), load.failures(), load.requestsFailed()),
                standby.readyIn(times.replacement()),
                standby.readyIn(List.of(times.whole())),
                load.failures(),
                remains.serverVersion());
    }

    private static Episode.Judged judged(Episode episode, Tally tally) {
        return new Episode.Judged(episode, tally.between(episode.from(), episode.to()));
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
