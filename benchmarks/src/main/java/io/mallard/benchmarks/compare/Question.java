package io.mallard.benchmarks.compare;

import java.util.List;

/**
 * What is measured of several contestants, one after the other and round by round.
 *
 * <p>Threading: immutable.
 *
 * @param benchmark the JMH class
 * @param figures what to show of each, the one that they are compared by first
 * @param pairs whom to compare with whom
 */
record Question(String name, Class<?> benchmark, List<Figure> figures, List<Contestant> contestants, List<Pair> pairs) {
    /** A contestant, and the one it is measured against. */
    record Pair(String name, String against, Figure figure) {}

    Question {
        figures = List.copyOf(figures);
        contestants = List.copyOf(contestants);
        pairs = List.copyOf(pairs);
    }
}
