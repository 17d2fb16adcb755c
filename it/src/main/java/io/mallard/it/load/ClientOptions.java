package io.mallard.it.load;

import java.util.List;

/**
 * What every client under test is told.
 *
 * <p>Threading: immutable.
 *
 * @param urls tried in this order
 * @param name as the servers' monitoring shows it
 */
public record ClientOptions(List<String> urls, String name, HotSwap hotSwap, long seed) {}
