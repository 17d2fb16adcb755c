package io.mallard.it.judge;

/**
 * What became of the publishes of one stretch of a run, each message counted once however many receivers it concerns.
 *
 * <p>Threading: immutable.
 *
 * @param lost accepted by the client, but at least one receiver never saw it
 * @param duplicated seen twice on the same socket
 * @param reordered seen behind a later message of its publisher on the same socket
 */
public record Findings(long published, long lost, long duplicated, long reordered) {}
