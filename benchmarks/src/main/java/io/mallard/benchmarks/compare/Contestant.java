package io.mallard.benchmarks.compare;

import java.util.Map;

/**
 * Who answers a question, measured where, by which parameters.
 *
 * <p>Threading: immutable.
 */
record Contestant(String name, Bench.Kind bench, Map<String, String> parameters) {
    Contestant {
        parameters = Map.copyOf(parameters);
    }
}
