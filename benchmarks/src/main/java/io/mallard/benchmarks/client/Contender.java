package io.mallard.benchmarks.client;

import io.mallard.PublishReliability;

/**
 * One client under measurement.
 *
 * <p>Threading: stateless; every call opens connections of its own.
 */
public interface Contender {
    /** How a benchmark's parameter calls it. */
    static Contender named(String name) {
        return switch (name) {
            case "mallard" -> new MallardContender(PublishReliability.AT_MOST_ONCE);
            case "mallard-at-least-once" -> new MallardContender(PublishReliability.AT_LEAST_ONCE);
            case "jnats" -> new JnatsContender();
            case "raw" -> new RawContender();
            default ->
                throw new IllegalArgumentException(
                        "'" + name + "' is no client: mallard, mallard-at-least-once, jnats or raw");
        };
    }

    Publishing publishing(Traffic traffic);

    Delivering delivering(Traffic traffic);

    Requesting requesting(Traffic traffic);

    /** The handler of a client that does nothing else. */
    Responding responding(String url, String subject);
}
