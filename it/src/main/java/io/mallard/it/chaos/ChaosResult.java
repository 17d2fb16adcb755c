package io.mallard.it.chaos;

import io.mallard.it.chaos.ChaosJudge.Ruling;
import io.mallard.it.judge.History.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a chaos run showed.
 *
 * <p>Threading: immutable.
 *
 * @param struck the faults that happened, in their order
 * @param violations what is wrong whatever else happened
 * @param troubles what kept the run from its end, or makes it prove nothing
 */
record ChaosResult(
        FaultPlan plan,
        List<Struck> struck,
        Ruling ruling,
        Totals totals,
        List<String> violations,
        List<String> troubles,
        String firstVersion,
        String lastVersion) {
    /**
     * The load of the whole run.
     *
     * @param received by the client
     */
    record Totals(long published, long received, long requestsAnswered, long requestsFailed, long inDoubt) {
        static final Totals NONE = new Totals(0, 0, 0, 0, 0);
    }

    /** A sentence for everything that is not as promised. */
    List<String> broken() {
        List<String> broken = new ArrayList<>(ruling.broken());
        broken.addAll(violations);
        broken.addAll(troubles);
        if (struck.size() < plan.faults().size()) {
            broken.add(struck.size() + " of " + plan.faults().size() + " faults were played");
        }
        return List.copyOf(broken);
    }

    boolean isPassed() {
        return broken().isEmpty();
    }

    /** Of faults of these kinds, and of the time without any if there is none. */
    long count(Kind kind) {
        return ruling.faults().values().stream()
                        .mapToLong(aftermath -> aftermath.count(kind))
                        .sum()
                + ruling.calm().count(kind);
    }

    /** For scripts. */
    String verdictLine() {
        return String.format(
                Locale.ROOT,
                "verdict: faults=%d kinds=%d of %d broken=%d published=%d received=%d requests=%d failed=%d"
                        + " in-doubt=%d lost=%d duplicated=%d reordered=%d executed-twice=%d seed=%d",
                struck.size(),
                struck.stream().map(fault -> fault.fault().kind()).distinct().count(),
                Arrays.stream(FaultKind.values()).count(),
                broken().size(),
                totals.published(),
                totals.received(),
                totals.requestsAnswered(),
                totals.requestsFailed(),
                totals.inDoubt(),
                count(Kind.LOST),
                count(Kind.DUPLICATED),
                count(Kind.REORDERED),
                count(Kind.EXECUTED_TWICE),
                plan.seed());
    }
}
