package io.mallard.benchmarks.compare;

import io.mallard.benchmarks.compare.Goal.Bound;
import io.mallard.benchmarks.compare.Question.Pair;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import io.mallard.it.run.Spread;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A comparison in tables: what was to be reached, and every round; the same for the terminal and for the results file, where it
 * is one section for each server generation.
 *
 * <p>Threading: immutable.
 *
 * @param natsC which version of it was measured, or why it was not
 */
record ComparisonSection(Theme theme, List<Question> questions, int rounds, Measurements measurements, String natsC) {
    private static final List<String> GOALS =
            List.of("", "must", "stretch", "measured", "interval", "must holds", "stretch holds");

    ComparisonSection {
        questions = List.copyOf(questions);
    }

    void write(Path file, Environment environment) {
        String name = "compare " + environment.serverGeneration() + theme.sectionSuffix();
        ResultsFile.write(file, name, markdown(environment));
    }

    String markdown(Environment environment) {
        return Stream.of(
                        Stream.of(
                                "## " + theme.title() + ", nats-server " + environment.serverGeneration(),
                                environment.markdown() + "\n- nats.c: " + natsC),
                        theme.hasGoals() ? Stream.of(goals().markdown()) : Stream.<String>empty(),
                        Stream.of(theme.note()),
                        questions.stream()
                                .flatMap(question -> Stream.of(
                                        "### " + question.name(),
                                        table(question).markdown())))
                .flatMap(part -> part)
                .collect(Collectors.joining("\n\n"));
    }

    Table goals() {
        return new Table(
                GOALS,
                Goals.of(measurements).stream().map(ComparisonSection::row).toList());
    }

    /** Every round of one question. */
    Table table(Question question) {
        List<String> header = new ArrayList<>(List.of(question.name()));
        IntStream.rangeClosed(1, rounds).forEach(round -> header.add("round " + round));
        header.addAll(List.of("median", "interval"));
        List<List<String>> rows = new ArrayList<>();
        for (Figure figure : question.figures()) {
            for (Contestant contestant : question.contestants()) {
                rows.add(row(
                        contestant.name() + ", " + figure.label(),
                        measurements.of(question.name(), contestant.name(), figure),
                        figure::format));
            }
            for (Pair pair : question.pairs()) {
                if (pair.figure() == figure) {
                    rows.add(row(
                            pair.name() + " ÷ " + pair.against() + ", " + figure.label(),
                            measurements.ratios(question.name(), pair),
                            ComparisonSection::ratio));
                }
            }
        }
        return new Table(header, rows);
    }

    private List<String> row(String name, List<Double> values, DoubleFunction<String> format) {
        List<String> row = new ArrayList<>(List.of(name));
        IntStream.range(0, rounds)
                .forEach(round -> row.add(round < values.size() ? format.apply(values.get(round)) : "-"));
        if (values.isEmpty()) {
            row.addAll(List.of("-", "-"));
        } else {
            Spread spread = Spread.of(values.stream().mapToDouble(each -> each));
            row.add(format.apply(spread.p50()));
            row.add(format.apply(spread.medianFrom()) + " to " + format.apply(spread.medianTo()));
        }
        return row;
    }

    private static List<String> row(Goal goal) {
        DoubleFunction<String> format = value -> String.format(Locale.ROOT, goal.format(), value);
        Bound must = goal.must();
        Bound stretch = goal.stretch();
        return List.of(
                goal.name(),
                must.text(goal.format()),
                stretch.text(goal.format()),
                goal.spread().map(spread -> format.apply(spread.p50())).orElse("not measured"),
                goal.spread()
                        .map(spread -> format.apply(spread.medianFrom()) + " to " + format.apply(spread.medianTo()))
                        .orElse(""),
                goal.standing(must).toString(),
                goal.standing(stretch).toString());
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
