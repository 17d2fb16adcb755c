package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * A received message.
 *
 * <p>Threading: safe to hand on; nothing in it changes, as long as nobody writes into its payload.
 */
public final class NatsMessage {
    /**
     * Takes the answer to a message: the connection it came through.
     *
     * <p>Threading: any thread.
     */
    @FunctionalInterface
    public interface Replier {
        /**
         * Publishes an answer.
         *
         * @param subject where to
         * @param payload what
         */
        void reply(String subject, byte[] payload);
    }

    private static final Replier NOBODY = (subject, payload) -> {
        throw new NatsException(NatsStatus.ILLEGAL_STATE, "the message came through no connection");
    };

    private final CharSequence subject;
    private final @Nullable String reply;
    private final byte[] payload;
    private final Replier replier;

    /**
     * Creates a message as a server delivered it, which nobody can {@link #respond} to.
     *
     * @param subject the subject it was published to
     * @param reply where an answer is expected, or null
     * @param payload the payload; not copied
     */
    public NatsMessage(String subject, @Nullable String reply, byte[] payload) {
        this(subject, reply, payload, NOBODY);
    }

    /**
     * Creates a message as a server delivered it.
     *
     * @param subject the subject it was published to; its string is made when somebody asks for it
     * @param reply where an answer is expected, or null
     * @param payload the payload; not copied
     * @param replier takes the answer
     */
    public NatsMessage(CharSequence subject, @Nullable String reply, byte[] payload, Replier replier) {
        this.subject = subject;
        this.reply = reply;
        this.payload = payload;
        this.replier = replier;
    }

    /**
     * The subject the message was published to.
     *
     * @return the subject
     */
    public String subject() {
        return subject.toString();
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

    /**
     * Answers, through the connection the message came by as long as it is there, even if its server is being left: that
     * is where the right to answer is ({@code allow_responses}), and no answer waits for the order of publishes there.
     * From within the handler of a subscription that has not ended it is there, up to {@code drainTimeout}; afterwards
     * the answer goes where publishes go.
     *
     * @param answer the payload, copied before this returns
     * @throws NatsException ILLEGAL_STATE when no answer is expected; and as {@link NatsClient#publish(String, byte[])}
     */
    public void respond(byte[] answer) {
        if (reply == null) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "nobody expects an answer to this message to \"" + subject + "\"");
        }
        replier.reply(reply, answer);
    }

    @Override
    public String toString() {
        return "NatsMessage[subject=" + subject + ", reply=" + reply + ", payload=" + payload.length + " bytes]";
    }
}
