package io.mallard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.benchmarks.compare.Goal.Standing;
import io.mallard.benchmarks.compare.Question.Pair;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GoalsTest {
    /** Every name in a goal is one that a comparison measures: with a figure for everything, no goal goes without. */
    @Test
    void everyGoalIsMeasured() {
        Measurements measurements = new Measurements();
        Map<Figure, Double> figures = Stream.of(Figure.values()).collect(Collectors.toMap(each -> each, each -> 1.0));
        for (Question question : Questions.all()) {
            for (Contestant contestant : question.contestants()) {
                measurements.add(question.name(), contestant.name(), figures);
            }
        }

        assertThat(Goals.of(measurements))
                .allSatisfy(goal ->
                        assertThat(goal.standing(goal.must())).as(goal.name()).isNotEqualTo(Standing.NOT_MEASURED));
    }

    @Test
    void everyPairIsOfContestants() {
        assertThat(Stream.concat(Questions.all().stream(), Questions.overTls().stream()))
                .allSatisfy(question -> {
                    var names = question.contestants().stream()
                            .map(Contestant::name)
                            .toList();
                    for (Pair pair : question.pairs()) {
                        assertThat(names).contains(pair.name(), pair.against());
                        assertThat(question.figures()).contains(pair.figure());
                    }
                });
    }
}
