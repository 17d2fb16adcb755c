package io.mallard;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
     * Bytes of the headers and payloads of {@link #pendingMessages()}.
     *
     * @return the number of bytes
     */
    long pendingBytes();

    /**
     * Messages thrown away because the handler was too slow, {@link ClientListener#onSlowConsumer}.
     *
     * @return the number of messages since the subscription was made
     */
    long droppedMessages();

    /**
     * Ends the subscription by itself after a number of messages, counted from its beginning, over every connection it
     * has had and will have. Each server is told how many are left, and sends no more; so of a queue group no message is
     * taken and not delivered. When the last few messages of a limited member fall into a handover, they may go to other
     * members.
     *
     * @param max number of messages in all; when that many have come already, it ends at once
     * @throws NatsException INVALID_ARG when it is not positive
     */
    void unsubscribe(long max);

    /** Ends the subscription. Messages already received are not delivered any more. Idempotent. */
    void unsubscribe();

    /**
     * Ends the subscription without dropping what is on its way: the server is told to send no more, and what it has
     * sent until then goes to the handler. In the middle of a handover that comes first, so that what two servers send is
     * one stream to its end.
     *
     * @param timeout longest time until the last message is handled; then the subscription ends as by
     *     {@link #unsubscribe()}
     * @return completes when the handler has returned from the last message, on a thread of the client's own;
     *     exceptionally with a {@link NatsException}: TIMEOUT, saying how many messages were dropped, or
     *     CONNECTION_CLOSED when the client is closed. A handler that waits for the drain of its own subscription waits
     *     for the timeout
     */
    CompletableFuture<Void> drain(Duration timeout);

    /**
     * How much may wait for the handler before messages are dropped, from the next message on; unless set, what the
     * options of the client say. What waits already stays, unless the policy is DROP_OLD.
     *
     * @param maxMessages number of messages, more than zero
     * @param maxBytes bytes of their headers and payloads, more than zero
     * @throws NatsException INVALID_ARG when one is not positive
     */
    void setPendingLimits(int maxMessages, long maxBytes);

    /**
     * How much may wait for the handler, and which messages are dropped beyond that. What the handler has begun with is
     * not dropped. A message that alone is larger than the limit is, whatever the policy.
     *
     * @param maxMessages number of messages, more than zero
     * @param maxBytes bytes of their headers and payloads, more than zero
     * @param policy which messages are dropped
     * @throws NatsException INVALID_ARG when a number is not positive
     */
    void setPendingLimits(int maxMessages, long maxBytes, PendingPolicy policy);
}
