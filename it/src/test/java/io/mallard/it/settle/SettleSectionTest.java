package io.mallard.it.settle;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.Findings;
import io.mallard.it.report.Environment;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettleSectionTest {
    private static final SettleOptions OPTIONS = new SettleOptions(1, List.of(20), 3, "", 1);

    @Test
    void givesEveryRuleARow() {
        assertThat(SettleSection.markdown(OPTIONS, result(new Findings(50, 0, 0, 0, 7)), environment()))
                .contains("nats-server 2.10")
                .contains("cluster of 3")
                .contains("5,000 messages per second")
                .contains("| no wait | 1 | 1 | 100.00 % | 100.00 % | 50 | 7 | 0 | 0 | 2.00 | 2.00 |")
                .contains("- command: settle");
    }

    @Test
    void takesDisorderForAResultAndALossForABrokenMeasurement() {
        assertThat(result(new Findings(50, 0, 0, 0, 7)).broken()).isEmpty();
        assertThat(result(new Findings(50, 0, 2, 1, 0)).broken())
                .containsExactly("no wait: 2 messages lost, 1 duplicated, though nobody left");
    }

    private static SettleResult result(Findings findings) {
        RuleOutcome outcome = new RuleOutcome(CutoverRule.NO_WAIT);
        outcome.add(new Cutover(CutoverRule.NO_WAIT, 0, 50, 2_000_000), findings);
        return new SettleResult(List.of(outcome), List.of(), "2.10.27");
    }

    private static Environment environment() {
        return new Environment("2.10.27", LocalDate.of(2026, 1, 2), "settle");
    }
}
