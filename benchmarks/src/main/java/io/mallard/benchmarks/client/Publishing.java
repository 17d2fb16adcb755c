package io.mallard.benchmarks.client;

/**
 * Publishes one message again and again.
 *
 * <p>Threading: any number of threads, unless the client says otherwise.
 */
public interface Publishing extends AutoCloseable {
    /** Publishes so many and returns when the server has processed the last of them: nothing is left behind uncounted. */
    void publish(int messages);

    @Override
    void close();
}
