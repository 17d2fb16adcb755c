package io.mallard.it.chaos;

import io.mallard.PublishReliability;
import io.mallard.it.chaos.Promise.Loss;
import io.mallard.it.judge.History.Flaw;
import io.mallard.it.judge.History.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds which promise broke at which fault. A flaw belongs to the fault in whose time its message was sent; that begins a moment
 * before the fault, for what was under way then.
 *
 * <p>Threading: stateless.
 */
final class ChaosJudge {
    /** How long before a fault a message may have been sent that is still under way then. */
    static final Duration UNDER_WAY = Duration.ofMillis(500);
    /** The same of a request, which waits for its reply. */
    static final Duration REQUEST_UNDER_WAY = ChaosTraffic.REQUEST_TIMEOUT.plusMillis(200);

    private final Function<Fault, Promise> promises;

    private final boolean atLeastOnce;

    /**
     * @param promises what is promised of a fault: {@link Fault#promise}, or something stronger to see that it is found broken
     * @param reliability what is promised of publishes that would be in doubt: with AT_LEAST_ONCE none of them may be lost, and each
     *     may come again, and late
     */
    ChaosJudge(Function<Fault, Promise> promises, PublishReliability reliability) {
        this.promises = promises;
        this.atLeastOnce = reliability == PublishReliability.AT_LEAST_ONCE;
    }

    /**
     * What came of every fault, and of the time without any.
     *
     * @param calm what belongs to no fault
     */
    record Ruling(Map<Struck, Aftermath> faults, Aftermath calm) {
        List<String> broken() {
            List<String> broken = new ArrayList<>();
            faults.values().forEach(aftermath -> broken.addAll(aftermath.broken()));
            broken.addAll(calm.broken());
            return broken;
        }
    }

    Ruling judge(List<Struck> struck, List<Flaw> flaws) {
        Map<Struck, List<Flaw>> byFault = new LinkedHashMap<>();
        struck.forEach(fault -> byFault.put(fault, new ArrayList<>()));
        List<Flaw> calm = new ArrayList<>();
        for (Flaw flaw : flaws) {
            Struck owner = ownerOf(flaw, struck);
            (owner == null ? calm : byFault.getOrDefault(owner, calm)).add(flaw);
        }
        Map<Struck, Aftermath> aftermaths = new LinkedHashMap<>();
        byFault.forEach((fault, itsFlaws) ->
                aftermaths.put(fault, new Aftermath(List.copyOf(itsFlaws), broken(fault, itsFlaws))));
        List<String> brokenInCalm = new ArrayList<>();
        addSentences(brokenInCalm, calm, "without a fault", flaw -> moment(flaw, struck));
        return new Ruling(aftermaths, new Aftermath(List.copyOf(calm), List.copyOf(brokenInCalm)));
    }

    private static @Nullable Struck ownerOf(Flaw flaw, List<Struck> struck) {
        if (flaw.kind() == Kind.SILENT) {
            return null;
        }
        long underWayNs = (Flow.of(flaw.path()).hasRequests() ? REQUEST_UNDER_WAY : UNDER_WAY).toNanos();
        for (Struck fault : struck) {
            if (flaw.sentNs() - (fault.beganNs() - underWayNs) >= 0 && flaw.sentNs() - fault.endedNs() <= 0) {
                return fault;
            }
        }
        return null;
    }

    private List<String> broken(Struck struck, List<Flaw> flaws) {
        Promise promise = promises.apply(struck.fault());
        String name = struck.fault().kind() + " (fault " + struck.fault().number() + ", " + struck.server() + ")";
        List<String> broken = new ArrayList<>();
        List<Flaw> excluded = new ArrayList<>();
        long doubtNeeded = 0;
        for (Flaw flaw : flaws) {
            if (needsDoubt(promise, flaw)) {
                doubtNeeded++;
            } else if (!isAllowed(promise, struck, flaw)) {
                excluded.add(flaw);
            }
        }
        addSentences(broken, excluded, name, flaw -> sinceFault(flaw, struck));
        if (doubtNeeded > struck.inDoubt()) {
            broken.add(name + ": " + doubtNeeded + " publishes were lost or late, and only " + struck.inDoubt()
                    + " reported as in doubt");
        }
        if (struck.inDoubt() > 0 && (atLeastOnce || !promise.allowsDoubt())) {
            broken.add(name + ": " + struck.inDoubt() + " publishes are in doubt");
        }
        long boundNs = struck.fault().kind().backWithin().toNanos();
        if (struck.recoveryNs() > boundNs) {
            broken.add(String.format(
                    Locale.ROOT,
                    "%s: the client was back after %.0f ms, and not within %.0f ms",
                    name,
                    struck.recoveryMs(),
                    boundNs / 1e6));
        }
        return List.copyOf(broken);
    }

    private boolean needsDoubt(Promise promise, Flaw flaw) {
        return promise.allowsDoubt()
                && !atLeastOnce
                && Flow.of(flaw.path()) == Flow.PUBLISHES
                && (flaw.kind() == Kind.LOST || flaw.kind() == Kind.REORDERED);
    }

    private boolean isAllowed(Promise promise, Struck struck, Flaw flaw) {
        boolean maySendAgain = atLeastOnce && promise.allowsDoubt() && Flow.of(flaw.path()) == Flow.PUBLISHES;
        if (maySendAgain && (flaw.kind() == Kind.DUPLICATED || flaw.kind() == Kind.REORDERED)) {
            return true;
        }
        long gapEndNs = promise.hasLongGap(Flow.of(flaw.path())) ? struck.endedNs() : struck.recoveredNs();
        if (flaw.sentNs() - gapEndNs > 0) {
            return false;
        }
        return switch (flaw.kind()) {
            case LOST -> promise.loss(Flow.of(flaw.path())) == Loss.IN_THE_GAP;
            case FAILED -> promise.requestsMayFail();
            case DUPLICATED, REORDERED, LATE, EXECUTED_TWICE, SILENT -> false;
        };
    }

    /** One sentence for each kind of flaw on each path, with the first message that has it. */
    private static void addSentences(
            List<String> broken, List<Flaw> flaws, String where, Function<Flaw, String> moment) {
        Map<String, List<Flaw>> alike = new TreeMap<>();
        flaws.forEach(flaw -> alike.computeIfAbsent(flaw.kind() + " " + flaw.path(), kind -> new ArrayList<>())
                .add(flaw));
        alike.forEach((kind, group) -> broken.add(where + ": " + group.size() + " × " + kind + ", the first is number "
                + group.get(0).number() + ", sent " + moment.apply(group.get(0)) + ", the last number "
                + group.get(group.size() - 1).number()));
    }

    private static String sinceFault(Flaw flaw, Struck struck) {
        return String.format(
                Locale.ROOT,
                "%.1f ms from the fault, %.1f ms from the recovery",
                (flaw.sentNs() - struck.beganNs()) / 1e6,
                (flaw.sentNs() - struck.recoveredNs()) / 1e6);
    }

    private static String moment(Flaw flaw, List<Struck> struck) {
        Struck latest = null;
        for (Struck fault : struck) {
            if (fault.endedNs() - flaw.sentNs() < 0) {
                latest = fault;
            }
        }
        return latest == null
                ? "before the first fault"
                : String.format(
                        Locale.ROOT,
                        "%.1f ms after the end of fault %d (%s)",
                        (flaw.sentNs() - latest.endedNs()) / 1e6,
                        latest.fault().number(),
                        latest.fault().kind());
    }
}
