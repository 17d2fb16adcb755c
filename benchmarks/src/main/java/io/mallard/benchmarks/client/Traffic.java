package io.mallard.benchmarks.client;

/**
 * What is sent, and where.
 *
 * <p>Threading: immutable.
 */
public record Traffic(String url, String subject, int payloadBytes) {
    byte[] payload() {
        return new byte[payloadBytes];
    }
}
