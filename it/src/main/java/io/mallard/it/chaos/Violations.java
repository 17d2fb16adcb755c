package io.mallard.it.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is wrong whatever else happens, as it is seen.
 *
 * <p>Threading: any thread.
 */
final class Violations {
    /** The first ones tell enough. */
    private static final int KEPT = 50;

    private final Queue<String> sentences = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    void add(String sentence) {
        if (count.incrementAndGet() <= KEPT) {
            sentences.add(sentence);
        }
    }

    List<String> all() {
        return List.copyOf(sentences);
    }
}
