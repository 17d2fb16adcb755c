package io.mallard.it.chaos;

import java.util.List;

/**
 * The versions of a rolling upgrade, one after the other.
 *
 * <p>Threading: used by one thread.
 */
final class Generations {
    private static final List<String> ALL = List.of("2.9", "2.10", "newest");

    private final List<String> versions;
    private int current;

    /** @param first to begin with; empty for the oldest. One that is none of the three is replaced by its like */
    Generations(String first) {
        int index = first.isEmpty() ? 0 : ALL.indexOf(first);
        versions = index < 0 ? List.of(first) : ALL.subList(index, ALL.size());
    }

    String current() {
        return versions.get(current);
    }

    /** Goes on to the next one; the last one is its own successor. */
    String next() {
        current = Math.min(current + 1, versions.size() - 1);
        return current();
    }
}
