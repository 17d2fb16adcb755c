package io.mallard.it.chaos;

import io.mallard.it.judge.History.Flaw;
import io.mallard.it.judge.History.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the judge found of one fault, or of the time without any.
 *
 * <p>Threading: immutable.
 *
 * @param flaws all, those that no promise excludes too
 * @param broken a sentence for each promise that was broken
 */
record Aftermath(List<Flaw> flaws, List<String> broken) {
    long count(Kind kind) {
        return flaws.stream().filter(flaw -> flaw.kind() == kind).count();
    }

    long count(Kind kind, Flow... flows) {
        List<Flow> wanted = List.of(flows);
        return flaws.stream()
                .filter(flaw -> flaw.kind() == kind && wanted.contains(Flow.of(flaw.path())))
                .count();
    }

    Map<Kind, Long> counts() {
        Map<Kind, Long> counts = new EnumMap<>(Kind.class);
        flaws.forEach(flaw -> counts.merge(flaw.kind(), 1L, Long::sum));
        return counts;
    }
}
