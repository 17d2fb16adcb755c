package io.mallard.benchmarks.client;

/**
 * Asks one question again and again.
 *
 * <p>Threading: one thread.
 */
public interface Requesting extends AutoCloseable {
    /** Asks and returns when there is an answer. */
    void request();

    /** Asks so many times and returns when there are all answers; never waits for more than {@code inFlight} of them. */
    void request(int requests, int inFlight);

    @Override
    void close();
}
