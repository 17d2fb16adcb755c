package io.mallard.it.chaos;

import io.mallard.it.judge.History.Kind;
import io.mallard.it.report.Table;
import io.mallard.it.run.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A chaos run in tables: by kind of fault, and fault by fault.
 *
 * <p>Threading: stateless.
 */
final class ChaosTables {
    /** What the columns mean. */
    static final String NOTE =
            "*Kept*: faults of which every promise held. *Back*: from the fault until messages get to the client and"
                    + " from it again; where it can do nothing before the fault is over (a short stop, all servers cut off, a server cut off"
                    + " from the others), from its end; of an upgrade, the slowest of its three moves. *Lost* and *late* (behind a later one):"
                    + " of the client's own publishes, beside what it reported as *in doubt*; *missed*: messages to it, by a plain and a queue"
                    + " subscription. *Failed*: requests of the client and to it. *Repeated*: messages delivered twice and requests executed twice.";

    private static final List<String> FIGURES =
            List.of("in doubt", "lost", "late", "missed", "reordered", "repeated", "failed");

    private ChaosTables() {}

    /** One row for each kind, for the client's server and for others, and one for the time without a fault. */
    static Table byKind(ChaosResult result) {
        List<String> header =
                new ArrayList<>(List.of("fault", "promise", "faults", "kept", "back ms p50", "p95", "max"));
        header.addAll(FIGURES);
        List<List<String>> rows = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            for (boolean carrier : List.of(true, false)) {
                List<Struck> alike = result.struck().stream()
                        .filter(struck ->
                                struck.fault().kind() == kind && (struck.fault().victim() == Victim.CARRIER) == carrier)
                        .toList();
                if (!alike.isEmpty()) {
                    rows.add(row(kind + (carrier ? "" : ", elsewhere"), alike, result));
                }
            }
        }
        List<String> calm = new ArrayList<>(List.of("none", Promise.EXACT.toString(), "-", "-", "-", "-", "-", "-"));
        calm.addAll(figures(List.of(result.ruling().calm())));
        rows.add(calm);
        return new Table(header, rows, 2);
    }

    /** One row for each fault. */
    static Table everyFault(ChaosResult result) {
        List<String> header = new ArrayList<>(
                List.of("fault", "for", "server", "evidence", "number", "at s", "lasts ms", "late ms", "back ms"));
        header.addAll(FIGURES);
        header.add("broken");
        return new Table(
                header,
                result.struck().stream().map(struck -> row(struck, result)).toList(),
                4);
    }

    /** Whether a promise of the fault in that row was broken. */
    static boolean isBroken(ChaosResult result, int row) {
        return !aftermath(result.struck().get(row), result).broken().isEmpty();
    }

    private static List<String> row(String name, List<Struck> alike, ChaosResult result) {
        List<Aftermath> aftermaths =
                alike.stream().map(struck -> aftermath(struck, result)).toList();
        Spread back = Spread.of(alike.stream().mapToDouble(Struck::recoveryMs));
        List<String> row = new ArrayList<>(List.of(
                name,
                alike.get(0).fault().promise().toString(),
                String.valueOf(alike.size()),
                String.valueOf(aftermaths.stream()
                        .filter(aftermath -> aftermath.broken().isEmpty())
                        .count()),
                whole(back.p50()),
                whole(back.p95()),
                whole(back.max()),
                String.valueOf(alike.stream().mapToLong(Struck::inDoubt).sum())));
        row.addAll(figures(aftermaths));
        return row;
    }

    private static List<String> row(Struck struck, ChaosResult result) {
        Fault fault = struck.fault();
        Aftermath aftermath = aftermath(struck, result);
        List<String> row = new ArrayList<>(List.of(
                fault.kind().toString(),
                fault.victim().toString(),
                struck.server(),
                struck.evidence(),
                String.valueOf(fault.number()),
                String.format(Locale.ROOT, "%.1f", fault.at().toMillis() / 1e3),
                String.valueOf(fault.lasts().toMillis()),
                String.valueOf(fault.delay().toMillis()),
                whole(struck.recoveryMs()),
                String.valueOf(struck.inDoubt())));
        row.addAll(figures(List.of(aftermath)));
        row.add(String.valueOf(aftermath.broken().size()));
        return row;
    }

    private static Aftermath aftermath(Struck struck, ChaosResult result) {
        return result.ruling().faults().getOrDefault(struck, new Aftermath(List.of(), List.of()));
    }

    /** Those behind "in doubt". */
    private static List<String> figures(List<Aftermath> aftermaths) {
        return List.of(
                sum(aftermaths, Kind.LOST, Flow.PUBLISHES),
                sum(aftermaths, Kind.REORDERED, Flow.PUBLISHES),
                sum(aftermaths, Kind.LOST, Flow.PLAIN, Flow.QUEUE),
                sum(aftermaths, Kind.REORDERED, Flow.PLAIN, Flow.QUEUE),
                String.valueOf(aftermaths.stream()
                        .mapToLong(aftermath -> aftermath.count(Kind.DUPLICATED) + aftermath.count(Kind.EXECUTED_TWICE))
                        .sum()),
                sum(aftermaths, Kind.FAILED, Flow.REQUESTS, Flow.SERVED));
    }

    private static String sum(List<Aftermath> aftermaths, Kind kind, Flow... flows) {
        return String.valueOf(aftermaths.stream()
                .mapToLong(aftermath -> aftermath.count(kind, flows))
                .sum());
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
