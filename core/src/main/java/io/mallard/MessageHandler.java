package io.mallard;

/** What a subscription does with a message. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Handles one message. Called in the order of delivery, never twice at a time for one subscription, on an executor
     * thread where blocking is allowed: a slow handler delays its own subscription and nothing else. What it throws
     * goes to {@link ClientListener#onError}, and the next message is delivered.
     *
     * @param message the message
     * @throws Exception whatever the handler cannot deal with
     */
    void onMessage(NatsMessage message) throws Exception;
}
