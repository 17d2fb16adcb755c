package io.mallard.it.settle;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.judge.Findings;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One measurement: a cluster that stays as it is, publishers that move from server to server, and a receiver on every server that
 * watches their order. Raw sockets only, so that a cutover takes no longer than it must.
 *
 * <p>Threading: used by one thread.
 */
final class SettleRun {
    /** Independent of each other, for more cutovers in the same time. */
    static final int PUBLISHERS = 5;

    /** Of all publishers together. */
    static final int MESSAGES_PER_SECOND = 5000;

    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SEEN_TIMEOUT = Duration.ofSeconds(10);

    /** On average, and generous; a PONG that does not come fails much earlier. */
    private static final Duration LONGEST_PONG = Duration.ofMillis(100);

    private static final Duration SLACK = Duration.ofSeconds(30);

    private final SettleOptions options;
    private final Consumer<String> progress;
    private final List<DeliveryLedger> ledgers;
    private final List<List<CutoverRule>> plans;
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();

    SettleRun(SettleOptions options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
        this.ledgers = IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> new DeliveryLedger(1, options.nodes()))
                .toList();
        this.plans = IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> options.plan(i, PUBLISHERS))
                .toList();
    }

    SettleResult play() throws InterruptedException {
        NatsServerConfig.Builder template = NatsServerConfig.builder();
        if (!options.serverVersion().isEmpty()) {
            template.version(options.serverVersion());
        }
        try (NatsCluster cluster = NatsCluster.start(options.nodes(), template.build());
                Receivers receivers = new Receivers(cluster, ledgers, troubles::add);
                Publishers publishers = new Publishers(cluster, plans, ledgers, MESSAGES_PER_SECOND, troubles::add)) {
            receivers.awaitInterest();
            publishers.start();
            awaitEnd(publishers);
            for (DeliveryLedger ledger : ledgers) {
                ledger.awaitSeen(ledger.origin(), ledger.position(), SEEN_TIMEOUT);
            }
            return result(publishers, cluster.server(0).version().text());
        }
    }

    private void awaitEnd(Publishers publishers) throws InterruptedException {
        int planned = plans.stream().mapToInt(List::size).sum();
        Duration timeout = longestPlan().plus(SLACK);
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!publishers.awaitEnd(PROGRESS_INTERVAL)) {
            progress.accept(publishers.cutovers() + " of " + planned + " cutovers");
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new InconclusiveException("only " + publishers.cutovers() + " of " + planned
                        + " cutovers took place within " + timeout.toSeconds() + " s");
            }
        }
        if (publishers.cutovers() < planned) {
            troubles.add("only " + publishers.cutovers() + " of " + planned + " cutovers took place");
        }
    }

    private Duration longestPlan() {
        return plans.stream()
                .map(plan -> plan.stream()
                        .map(rule -> MovingPublisher.STAY.plus(LONGEST_PONG).plusMillis(rule.settleMs()))
                        .reduce(Duration.ZERO, Duration::plus))
                .max(Duration::compareTo)
                .orElseThrow();
    }

    private SettleResult result(Publishers publishers, String serverVersion) {
        Map<CutoverRule, RuleOutcome> outcomes = new LinkedHashMap<>();
        options.rules().forEach(rule -> outcomes.put(rule, new RuleOutcome(rule)));
        for (int i = 0; i < PUBLISHERS; i++) {
            DeliveryLedger ledger = ledgers.get(i);
            Position last = ledger.origin();
            for (Cutover cutover : publishers.cutovers(i)) {
                Position end = new Position(List.of(cutover.endSequence()));
                RuleOutcome outcome = outcomes.get(cutover.rule());
                if (outcome == null) {
                    throw new AssertionError(cutover);
                }
                outcome.add(cutover, ledger.between(new Position(List.of(cutover.firstSequence())), end));
                last = end;
            }
            Findings rest = ledger.between(last, ledger.position());
            if (!rest.isFlawless()) {
                troubles.add("publisher " + i + " was not seen well behind its last cutover: " + rest);
            }
        }
        return new SettleResult(List.copyOf(outcomes.values()), List.copyOf(troubles), serverVersion);
    }
}
