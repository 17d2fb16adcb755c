package io.mallard.benchmarks.client;

/**
 * Answers every question with its own payload, until it is closed.
 *
 * <p>Threading: answers on threads of its own.
 */
public interface Responding extends AutoCloseable {
    @Override
    void close();
}
