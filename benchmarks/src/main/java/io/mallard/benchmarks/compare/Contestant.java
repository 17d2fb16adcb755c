package io.mallard.benchmarks.compare;

import java.util.Map;

/**
 * Who answers a question, by the parameters of the benchmark.
 *
 * <p>Threading: immutable.
 */
record Contestant(String name, Map<String, String> parameters) {
    Contestant {
        parameters = Map.copyOf(parameters);
    }
}
