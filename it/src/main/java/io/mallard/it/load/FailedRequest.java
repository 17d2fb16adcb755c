package io.mallard.it.load;

/**
 * When a request failed, in seconds from the start of the load, and how long after its intended start.
 *
 * <p>Threading: immutable.
 */
public record FailedRequest(double atSeconds, double latencyMs) {
    public double dueAtSeconds() {
        return atSeconds - latencyMs / 1e3;
    }
}
