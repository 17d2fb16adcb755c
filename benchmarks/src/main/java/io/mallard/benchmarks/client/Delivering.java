package io.mallard.benchmarks.client;

/**
 * Publishes one message again and again, and receives it on the same connection.
 *
 * <p>Threading: one thread.
 */
public interface Delivering extends AutoCloseable {
    /** Publishes so many and returns when the last of them was delivered. */
    void deliver(int messages);

    @Override
    void close();
}
