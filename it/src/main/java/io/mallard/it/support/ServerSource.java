package io.mallard.it.support;

/**
 * One place where a nats-server may be found.
 *
 * <p>Threading: stateless or immutable; any thread may look.
 */
@FunctionalInterface
interface ServerSource {
    Finding look(RequestedVersion requested);

    /** What a look brought. */
    sealed interface Finding permits Found, Missing {}

    record Found(NatsServerBinary binary) implements Finding {}

    /** Nothing; {@code why} names the place and says what it has instead. */
    record Missing(String why) implements Finding {}
}
