package io.mallard.benchmarks.compare;

import io.mallard.it.support.NatsServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Measures every contestant of every question once a round, each round in another order, and those of one question on the same
 * server.
 *
 * <p>Threading: used by one thread.
 *
 * @param benches those there are; contestants of another one are left out
 * @param progress told a line now and then
 */
record Comparison(
        List<Question> questions, int rounds, Map<Bench.Kind, Bench> benches, Sites sites, Consumer<String> progress) {
    /** What was measured, and on which server. */
    record Result(Measurements measurements, String serverVersion) {}

    Comparison {
        questions = List.copyOf(questions);
        benches = Map.copyOf(benches);
    }

    Result run() {
        progress.accept(plan());
        Measurements measurements = new Measurements();
        String version = "";
        for (int round = 0; round < rounds; round++) {
            for (Question question : questions) {
                try (NatsServer server = sites.start()) {
                    version = server.version().toString();
                    measure(question, round, sites.of(server), measurements);
                }
            }
        }
        return new Result(measurements, version);
    }

    private void measure(Question question, int round, Site site, Measurements measurements) {
        List<Contestant> order = new ArrayList<>(question.contestants());
        Collections.rotate(order, -round);
        for (Contestant contestant : order) {
            Bench bench = benches.get(contestant.bench());
            if (bench == null) {
                continue;
            }
            Map<Figure, Double> figures = bench.measure(question, contestant, site);
            measurements.add(question.name(), contestant.name(), figures);
            progress.accept(String.format(
                    Locale.ROOT,
                    "round %d of %d, %s, %s: %s",
                    round + 1,
                    rounds,
                    question.name(),
                    contestant.name(),
                    question.figures().stream()
                            .filter(figures::containsKey)
                            .map(figure ->
                                    figure.format(figures.getOrDefault(figure, Double.NaN)) + " " + figure.label())
                            .collect(Collectors.joining(", "))));
        }
    }

    private String plan() {
        List<Bench> processes = questions.stream()
                .flatMap(question -> question.contestants().stream())
                .map(contestant -> benches.get(contestant.bench()))
                .filter(Objects::nonNull)
                .toList();
        double seconds = rounds * processes.stream().mapToDouble(Bench::seconds).sum();
        return String.format(
                Locale.ROOT,
                "%d rounds of %d questions, %d processes one after the other, about %.0f minutes",
                rounds,
                questions.size(),
                rounds * processes.size(),
                Math.ceil(seconds / 60));
    }
}
