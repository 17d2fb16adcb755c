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
 * @param tls whether it was over TLS, of which there are no goals
 */
record ComparisonSection(List<Question> questions, int rounds, Measurements measurements, String natsC, boolean tls) {
    private static final List<String> GOALS =
            List.of("", "must", "stretch", "measured", "interval", "must holds", "stretch holds");
    private static final String TLS_NOTE = """
            Each round measures every client once, one behind the other, on one server, which requires TLS. A ratio is that of one \
            round; the interval is that of the median, as above. A request is answered by the same client's own responder. There are \
            no goals, and no raw sockets. jnats does not verify host names unless told to; Mallard does, when it connects.""";

    private static final String NOTE = """
            Each round measures every client once, one behind the other, on one server. A ratio is that of one round, never of two \
            medians; *raw* is bytes encoded beforehand, written in batches of 64 KiB and read without being parsed on bare blocking \
            sockets, and for a request a raw requester with a raw responder: the floor. The interval is that of the median, whatever \
            the distribution: 95 %, or the whole range while there are fewer than nine rounds (94 % with five). A goal holds, or not, \
            if the whole interval says so, and is open otherwise. Bytes and CPU are those of the process per message or request, \
            whatever it holds: the raw responder, too, and a client's own responder where there is one. What nats.c allocates is not \
            counted; it has no asynchronous request, so the program publishes with a reply subject.""";

    ComparisonSection {
        questions = List.copyOf(questions);
    }

    void write(Path file, Environment environment) {
        String name = "compare " + environment.serverGeneration() + (tls ? " TLS" : "");
        ResultsFile.write(file, name, markdown(environment));
    }

    String markdown(Environment environment) {
        return Stream.of(
                        Stream.of(
                                "## Compared with other clients" + (tls ? " over TLS" : "") + ", nats-server "
                                        + environment.serverGeneration(),
                                environment.markdown() + "\n- nats.c: " + natsC),
                        tls ? Stream.of(TLS_NOTE) : Stream.of(goals().markdown(), NOTE),
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
