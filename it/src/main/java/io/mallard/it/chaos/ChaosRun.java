package io.mallard.it.chaos;

import io.mallard.it.chaos.ChaosResult.Totals;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Flaw;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.run.LoggedFailures;
import io.mallard.it.support.LeakDetector;
import io.mallard.it.support.NatsServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One chaos run from the first server's start to the last one's end: cluster, client, load, the faults of the plan, and the ruling.
 *
 * <p>Threading: used by one thread.
 */
final class ChaosRun {
    /** Between two faults, so that nothing is under way in both; everything sent in it has to arrive. */
    static final Duration CALM = ChaosJudge.REQUEST_UNDER_WAY.plusMillis(300);

    /** What a run has ended may take a moment to be gone. */
    private static final Duration GONE_TIMEOUT = Duration.ofSeconds(5);

    /** Any lateness is allowed; what has not come at all is lost. */
    private static final Duration LATEST = Duration.ofDays(1);

    private final ChaosOptions options;
    private final Consumer<String> progress;
    private final FaultPlan plan;
    private final Generations generations;
    private final History history = new History();
    private final List<Struck> struck = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();

    ChaosRun(ChaosOptions options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
        this.plan = FaultPlan.of(options.seed(), options.duration());
        this.generations = new Generations(options.serverVersion());
    }

    ChaosResult play() throws InterruptedException {
        progress.accept(plan.faults().size() + " faults in "
                + options.duration().toSeconds() + " s, seed " + options.seed() + ":\n" + plan.text());
        try (LeakDetector leaks = LeakDetector.start();
                LoggedFailures logged = LoggedFailures.open()) {
            ChaosResult result = playOnCluster();
            leaks.left(GONE_TIMEOUT).forEach(left -> violations.add("left behind: " + left));
            leaks.uncaught().forEach(uncaught -> violations.add(String.valueOf(uncaught.getMessage())));
            violations.addAll(logged.all());
            return new ChaosResult(
                    plan,
                    result.struck(),
                    result.ruling(),
                    result.totals(),
                    List.copyOf(violations),
                    List.copyOf(troubles),
                    result.firstVersion(),
                    result.lastVersion());
        }
    }

    private ChaosResult playOnCluster() throws InterruptedException {
        try (ChaosCluster cluster = new ChaosCluster(generations.current())) {
            String firstVersion = cluster.server(0).version().text();
            progress.accept("servers " + firstVersion);
            try (ChaosTraffic traffic = new ChaosTraffic(cluster, history, options.seed(), options.reliability())) {
                playUnderLoad(cluster, traffic);
                violations.addAll(traffic.violations().all());
                List<Flaw> flaws = history.flaws(LATEST);
                ChaosJudge judge = new ChaosJudge(
                        options.strict() ? fault -> Promise.EXACT : Fault::promise, options.reliability());
                return new ChaosResult(
                        plan,
                        List.copyOf(struck),
                        judge.judge(struck, flaws),
                        new Totals(
                                traffic.published(),
                                traffic.received(),
                                traffic.requestsAnswered(),
                                traffic.requestsFailed(),
                                traffic.client().metrics().publishesInDoubt()),
                        List.of(),
                        List.of(),
                        firstVersion,
                        cluster.server(0).version().text());
            }
        }
    }

    private void playUnderLoad(ChaosCluster cluster, ChaosTraffic traffic) throws InterruptedException {
        FaultScript script = new FaultScript(cluster, traffic, generations);
        try {
            script.awaitBeginning();
            traffic.start();
            long beganNs = System.nanoTime();
            for (Fault fault : plan.faults()) {
                TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
                awaitTime(beganNs, fault.at());
                history.event(fault.toString());
                Struck happened = script.play(fault);
                struck.add(happened);
                progress.accept(told(happened, beganNs, traffic));
            }
            TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
            awaitTime(beganNs, plan.duration());
        } catch (InconclusiveException | NatsServerException e) {
            troubles.add(String.valueOf(e.getMessage()));
        }
        traffic.finish();
    }

    private static void awaitTime(long beganNs, Duration at) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, beganNs + at.toNanos() - System.nanoTime()));
    }

    private static String told(Struck struck, long beganNs, ChaosTraffic traffic) {
        return String.format(
                Locale.ROOT,
                "[%6.1f s] %s | requests %d ok %d failed | published %d | received %d",
                (struck.endedNs() - beganNs) / 1e9,
                struck,
                traffic.requestsAnswered(),
                traffic.requestsFailed(),
                traffic.published(),
                traffic.received());
    }
}
