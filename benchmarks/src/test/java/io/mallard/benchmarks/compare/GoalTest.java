package io.mallard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.benchmarks.compare.Goal.Bound;
import io.mallard.benchmarks.compare.Goal.Standing;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoalTest {
    private static final Bound MUST = Bound.atLeast(0.9);
    private static final Bound STRETCH = Bound.atLeast(0.95);

    @Test
    void holdsIfTheWholeIntervalSaysSo() {
        Goal goal = share(0.91, 0.97, 0.93);

        assertThat(goal.standing(MUST)).isEqualTo(Standing.HOLDS);
        assertThat(goal.spread())
                .hasValueSatisfying(spread -> assertThat(spread.p50()).isEqualTo(0.93));
    }

    @Test
    void doesNotHoldIfTheWholeIntervalIsOnTheOtherSide() {
        assertThat(share(0.5, 0.89, 0.6).standing(MUST)).isEqualTo(Standing.DOES_NOT_HOLD);
    }

    @Test
    void isOpenIfTheIntervalIsOnBothSides() {
        assertThat(share(0.89, 0.97, 0.96).standing(STRETCH)).isEqualTo(Standing.OPEN);
    }

    @Test
    void isNotMeasuredWithoutARound() {
        assertThat(share().standing(MUST)).isEqualTo(Standing.NOT_MEASURED);
        assertThat(share().spread()).isEmpty();
    }

    @Test
    void anUpperBoundIsKeptFromBelow() {
        Bound bound = Bound.atMost(1.2);

        assertThat(bound.holds(1.2)).isTrue();
        assertThat(bound.holds(1.21)).isFalse();
        assertThat(bound.text("%.1f B")).isEqualTo("≤ 1.2 B");
        assertThat(MUST.text("%.2f")).isEqualTo("≥ 0.90");
    }

    private static Goal share(Double... rounds) {
        return new Goal("share", MUST, STRETCH, "%.2f", List.of(rounds));
    }
}
