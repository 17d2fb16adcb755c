package io.mallard.benchmarks.compare;

import java.util.Map;

/**
 * Measures a contestant in a process of its own.
 *
 * <p>Threading: used by one thread.
 */
interface Bench {
    /** Which of them a contestant is for. */
    enum Kind {
        JMH,
        NATS_C
    }

    Map<Figure, Double> measure(Question question, Contestant contestant, Site site);

    /** About how long that takes. */
    double seconds();
}
