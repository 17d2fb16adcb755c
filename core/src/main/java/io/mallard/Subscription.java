package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * Interest in a subject. It outlives connections: a reconnect or a handover takes it along.
 *
 * <p>Threading: safe from any thread.
 */
public interface Subscription {
    /**
     * The subject subscribed to.
     *
     * @return the subject, with its wildcards
     */
    String subject();

    /**
     * The queue group.
     *
     * @return the group, or null for a plain subscription
     */
    @Nullable
    String queue();

    /**
     * Whether messages are still delivered.
     *
     * @return false after {@link #unsubscribe()} and after the client was closed
     */
    boolean isActive();

    /**
     * Messages received and not yet handed to the handler.
     *
     * @return the number of messages
     */
    long pendingMessages();

    /**
     * Messages thrown away because the handler was too slow, {@link ClientListener#onSlowConsumer}.
     *
     * @return the number of messages since the subscription was made
     */
    long droppedMessages();

    /** Ends the subscription. Messages already received are not delivered any more. Idempotent. */
    void unsubscribe();
}
