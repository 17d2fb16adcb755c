package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Receives what a {@link RawNats} reads.
 *
 * <p>Threading: called on the connection's reader thread, in the order of the bytes; may publish and flush.
 */
@FunctionalInterface
public interface RawListener {
    void onMessage(RawMessage message);

    /** Every INFO after the first. */
    default void onInfo(JsonNode info) {}

    /** Called once, whoever ended the connection. */
    default void onClosed(String reason) {}
}
