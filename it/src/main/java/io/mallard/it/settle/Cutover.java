package io.mallard.it.settle;

/**
 * One move of one publisher from server to server.
 *
 * <p>Threading: immutable.
 *
 * @param firstSequence of the messages since the cutover before
 * @param endSequence the first message on the next server
 * @param heldNs from the last message on one server to the first on the next
 */
record Cutover(CutoverRule rule, int firstSequence, int endSequence, long heldNs) {}
