package io.mallard.it.report;

import io.mallard.it.targets.Target;
import java.util.List;

/** What was to be reached and what was; the same for the terminal, the HTML page and the results file. */
public final class TargetTable {
    private static final List<String> HEADER = List.of("", "target", "wanted", "measured", "holds", "definition");

    private TargetTable() {}

    public static Table of(List<Target> targets) {
        return new Table(HEADER, targets.stream().map(TargetTable::row).toList(), HEADER.size());
    }

    private static List<String> row(Target target) {
        return List.of(
                target.id(),
                target.name(),
                target.wanted(),
                target.finding(),
                target.standing().toString(),
                target.definition());
    }
}
