package io.mallard.it.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettleOptionsTest {
    private static final int PUBLISHERS = 5;

    @Test
    void comparesEveryWaitOnceWithNoneAtAll() {
        assertThat(options(10).rules().stream().map(CutoverRule::label))
                .containsExactly("no wait", "PONG", "PONG + 20 ms");
    }

    @Test
    void plansAtLeastTheCutoversThatAreWantedOfEveryRule() {
        SettleOptions options = options(12);
        List<CutoverRule> all = new ArrayList<>();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            all.addAll(options.plan(publisher, PUBLISHERS));
        }

        assertThat(options.rules())
                .allSatisfy(rule -> assertThat(Collections.frequency(all, rule)).isEqualTo(15));
    }

    @Test
    void letsTheRulesTakeTurnsInRandomOrder() {
        SettleOptions options = options(500);
        List<CutoverRule> plan = options.plan(0, PUBLISHERS);
        int rules = options.rules().size();

        for (int i = 0; i < plan.size(); i += rules) {
            assertThat(plan.subList(i, i + rules)).containsExactlyInAnyOrderElementsOf(options.rules());
        }
        assertThat(plan.subList(0, rules * 10))
                .isNotEqualTo(options.plan(1, PUBLISHERS).subList(0, rules * 10));
        assertThat(plan).isEqualTo(options.plan(0, PUBLISHERS));
    }

    private static SettleOptions options(int cutovers) {
        return new SettleOptions(cutovers, List.of(0, 20, 20), 3, "", 1);
    }
}
