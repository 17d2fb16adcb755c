package io.mallard.it.settle;

import io.mallard.it.judge.Findings;
import java.util.ArrayList;
import java.util.List;

/**
 * What the measurement has shown.
 *
 * <p>Threading: immutable.
 *
 * @param outcomes one per rule
 * @param troubles what makes it unreliable
 */
record SettleResult(List<RuleOutcome> outcomes, List<String> troubles, String serverVersion) {
    /** Disorder is what is measured; anything else is not supposed to be there. */
    List<String> broken() {
        List<String> broken = new ArrayList<>(troubles);
        for (RuleOutcome outcome : outcomes) {
            Findings findings = outcome.findings();
            if (findings.lost() > 0 || findings.duplicated() > 0) {
                broken.add(outcome.rule().label() + ": " + findings.lost() + " messages lost, " + findings.duplicated()
                        + " duplicated, though nobody left");
            }
        }
        return List.copyOf(broken);
    }
}
