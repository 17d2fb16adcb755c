package io.mallard.it.report;

import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;

/**
 * What there is to tell of a run: what it has shown, what to think of it, and where it took place.
 *
 * <p>Threading: immutable.
 */
public record Outcome(RunResult result, Verdict verdict, Environment environment) {
    public static Outcome of(RunResult result, Environment environment) {
        return new Outcome(result, Verdict.of(result), environment);
    }
}
