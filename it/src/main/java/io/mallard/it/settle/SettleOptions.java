package io.mallard.it.settle;

import io.mallard.it.run.RunOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What is measured.
 *
 * <p>Threading: immutable.
 *
 * @param cutovers at least, for each rule
 * @param settlesMs waits behind the PONG to compare
 * @param serverVersion a version prefix, or empty for whatever server is found first
 * @param seed of the order in which the rules take turns
 */
record SettleOptions(int cutovers, List<Integer> settlesMs, int nodes, String serverVersion, long seed) {
    static final int MAX_CUTOVERS = 1_000_000;
    static final int MAX_SETTLE_MS = 1000;

    SettleOptions {
        settlesMs = settlesMs.stream().distinct().toList();
        RunOptions.check("cutovers", cutovers, 1, MAX_CUTOVERS);
        RunOptions.check("nodes", nodes, RunOptions.MIN_NODES, RunOptions.MAX_NODES);
        if (settlesMs.isEmpty()) {
            throw new IllegalArgumentException("settles is empty, must be milliseconds such as 0,10,20");
        }
        for (int settleMs : settlesMs) {
            RunOptions.check("settles", settleMs, 0, MAX_SETTLE_MS);
        }
    }

    /** Not to wait at all, and the PONG with each of the waits behind it. */
    List<CutoverRule> rules() {
        List<CutoverRule> rules = new ArrayList<>();
        rules.add(CutoverRule.NO_WAIT);
        settlesMs.stream().map(CutoverRule::pongAnd).forEach(rules::add);
        return List.copyOf(rules);
    }

    /** What one of so many publishers does. The rules take turns in random order, so that all of them meet the same conditions. */
    List<CutoverRule> plan(int publisher, int publishers) {
        Random random = new Random(seed + publisher);
        List<CutoverRule> plan = new ArrayList<>();
        for (int done = 0; done < cutovers; done += publishers) {
            List<CutoverRule> round = new ArrayList<>(rules());
            Collections.shuffle(round, random);
            plan.addAll(round);
        }
        return List.copyOf(plan);
    }
}
