package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * A received message.
 *
 * <p>Threading: safe to hand on; nothing in it changes, as long as nobody writes into its payload.
 */
public final class NatsMessage {
    private final String subject;
    private final @Nullable String reply;
    private final byte[] payload;

    /**
     * Creates a message as a server delivered it.
     *
     * @param subject the subject it was published to
     * @param reply where an answer is expected, or null
     * @param payload the payload; not copied
     */
    public NatsMessage(String subject, @Nullable String reply, byte[] payload) {
        this.subject = subject;
        this.reply = reply;
        this.payload = payload;
    }

    /**
     * The subject the message was published to.
     *
     * @return the subject
     */
    public String subject() {
        return subject;
    }

    /**
     * Where the publisher expects an answer.
     *
     * @return the reply subject, or null when no answer is expected
     */
    public @Nullable String reply() {
        return reply;
    }

    /**
     * The payload, in the array it arrived in.
     *
     * @return the payload, which the receiver owns; empty, never null
     */
    public byte[] payload() {
        return payload;
    }

    @Override
    public String toString() {
        return "NatsMessage[subject=" + subject + ", reply=" + reply + ", payload=" + payload.length + " bytes]";
    }
}
