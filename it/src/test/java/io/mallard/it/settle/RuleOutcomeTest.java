package io.mallard.it.settle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mallard.it.judge.Findings;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RuleOutcomeTest {
    private static final CutoverRule RULE = CutoverRule.pongAnd(20);

    private final RuleOutcome outcome = new RuleOutcome(RULE);

    @Test
    void countsACutoverOnceHoweverManyOfItsMessagesWereOvertaken() {
        outcome.add(cutover(1), new Findings(50, 0, 0, 0, 7));
        outcome.add(cutover(1), new Findings(50, 0, 0, 0, 0));

        assertThat(outcome.cutovers()).isEqualTo(2);
        assertThat(outcome.disordered()).isEqualTo(1);
        assertThat(outcome.disorderedShare()).isEqualTo(0.5);
        assertThat(outcome.findings()).isEqualTo(new Findings(100, 0, 0, 0, 7));
    }

    @Test
    void doesNotTakeNoneInAThousandForNever() {
        for (int i = 0; i < 1000; i++) {
            outcome.add(cutover(1), Findings.NONE);
        }

        assertThat(outcome.disorderedShare()).isZero();
        assertThat(outcome.disorderedAtMost()).isCloseTo(0.0038, within(0.0001));
    }

    @Test
    void knowsHowLongItHeld() {
        for (int ms = 1; ms <= 100; ms++) {
            outcome.add(cutover(ms), Findings.NONE);
        }

        assertThat(outcome.heldMs(50)).isCloseTo(50, within(0.1));
        assertThat(outcome.heldMs(99)).isCloseTo(99, within(0.1));
    }

    private static Cutover cutover(long heldMs) {
        return new Cutover(RULE, 0, 50, TimeUnit.MILLISECONDS.toNanos(heldMs));
    }
}
