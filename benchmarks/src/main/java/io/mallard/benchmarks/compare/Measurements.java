package io.mallard.benchmarks.compare;

import io.mallard.benchmarks.compare.Question.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * What every contestant has shown in every round.
 *
 * <p>Threading: used by one thread.
 */
final class Measurements {
    private record Key(String question, String contestant) {}

    /** By round. */
    private final Map<Key, List<Map<Figure, Double>>> rounds = new HashMap<>();

    /** To be called once for each round, in order. */
    void add(String question, String contestant, Map<Figure, Double> figures) {
        rounds.computeIfAbsent(new Key(question, contestant), first -> new ArrayList<>())
                .add(Map.copyOf(figures));
    }

    /** One value for each round; empty if nothing of that kind was measured. */
    List<Double> of(String question, String contestant, Figure figure) {
        List<Map<Figure, Double>> measured = rounds.getOrDefault(new Key(question, contestant), List.of());
        return measured.stream()
                .filter(figures -> figures.containsKey(figure))
                .map(figures -> figures.get(figure))
                .toList();
    }

    /** In each round, by how much the value of the one exceeds that of the other. */
    List<Double> differences(String question, Pair pair) {
        return rounds(question, pair, (value, base) -> value - base);
    }

    /** In each round, how many times the value of the one is that of the other, measured just before or just after. */
    List<Double> ratios(String question, Pair pair) {
        return rounds(question, pair, (value, base) -> value / base);
    }

    private List<Double> rounds(String question, Pair pair, DoubleBinaryOperator operator) {
        List<Double> values = of(question, pair.name(), pair.figure());
        List<Double> bases = of(question, pair.against(), pair.figure());
        return IntStream.range(0, Math.min(values.size(), bases.size()))
                .mapToObj(round -> operator.applyAsDouble(values.get(round), bases.get(round)))
                .toList();
    }
}
