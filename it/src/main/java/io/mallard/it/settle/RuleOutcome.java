package io.mallard.it.settle;

import io.mallard.it.judge.Findings;
import org.HdrHistogram.Histogram;

/**
 * What became of the cutovers of one rule.
 *
 * <p>Threading: owned by one thread.
 */
final class RuleOutcome {
    /** Of the normal distribution: 95 % lie within so many standard deviations. */
    private static final double Z = 1.96;

    private final CutoverRule rule;
    private final Histogram heldNs = new Histogram(3);
    private int cutovers;
    private long disordered;
    private Findings findings = Findings.NONE;

    RuleOutcome(CutoverRule rule) {
        this.rule = rule;
    }

    void add(Cutover cutover, Findings found) {
        cutovers++;
        heldNs.recordValue(cutover.heldNs());
        findings = findings.plus(found);
        if (found.reordered() > 0) {
            disordered++;
        }
    }

    CutoverRule rule() {
        return rule;
    }

    int cutovers() {
        return cutovers;
    }

    /** Cutovers of which at least one message was overtaken. */
    long disordered() {
        return disordered;
    }

    Findings findings() {
        return findings;
    }

    double disorderedShare() {
        return disordered / (double) cutovers;
    }

    /** The share of such cutovers that is not exceeded with a confidence of 97.5 %: the upper end of Wilson's interval. */
    double disorderedAtMost() {
        double n = cutovers;
        double share = disorderedShare();
        double z2 = Z * Z;
        double reach = Z * Math.sqrt(share * (1 - share) / n + z2 / (4 * n * n));
        return (share + z2 / (2 * n) + reach) / (1 + z2 / n);
    }

    double heldMs(double percentile) {
        return heldNs.getValueAtPercentile(percentile) / 1e6;
    }
}
