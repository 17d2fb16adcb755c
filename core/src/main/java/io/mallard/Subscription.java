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

    /**
     * Ends the subscription by itself after a number of messages, counted from its beginning, over every connection it
     * has had and will have. A server counts too, so that of a queue group no message is taken and not delivered; when
     * the last few messages of a limited member fall into a handover, they may go to other members.
     *
     * @param max number of messages in all; when that many have come already, it ends at once
     * @throws NatsException INVALID_ARG when it is not positive
     */
    void unsubscribe(long max);

    /** Ends the subscription. Messages already received are not delivered any more. Idempotent. */
    void unsubscribe();
}
