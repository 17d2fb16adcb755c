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

        /**
         * Publishes an answer with headers.
         *
         * @param subject where to
         * @param headers as they go out, or null for none; not to be written to
         * @param payload what
         * @throws NatsException ILLEGAL_STATE when this takes answers without headers alone
         */
        default void reply(String subject, byte @Nullable [] headers, byte[] payload) {
            if (headers != null) {
                throw new NatsException(NatsStatus.ILLEGAL_STATE, "no headers can be sent the way the message came");
            }
            reply(subject, payload);
        }
    }

    private static final Replier NOBODY = (subject, payload) -> {
        throw new NatsException(NatsStatus.ILLEGAL_STATE, "the message came through no connection");
    };

    private final CharSequence subject;
    private final @Nullable String reply;
    private final byte[] payload;
    private final Replier replier;
    /** As they came, null for none; or what they say, once somebody has asked. Who asks at the same time reads them again. */
    private @Nullable Object headers;

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
        this(subject, reply, null, payload, replier);
    }

    /**
     * Creates a message as a server delivered it.
     *
     * @param subject the subject it was published to; its string is made when somebody asks for it
     * @param reply where an answer is expected, or null
     * @param headers as they came, or null for none; read when somebody asks for them, and not copied
     * @param payload the payload; not copied
     * @param replier takes the answer
     */
    public NatsMessage(
            CharSequence subject, @Nullable String reply, byte @Nullable [] headers, byte[] payload, Replier replier) {
        this.subject = subject;
        this.reply = reply;
        this.headers = headers;
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
     * What the message says beside its payload. It is read when somebody asks for it, and throws nothing, whatever the
     * publisher has sent: see {@link Headers#isMalformed()}.
     *
     * @return the headers; {@link Headers#NONE} if it has none
     */
    public Headers headers() {
        Object known = headers; // Once, as another thread may replace it.
        if (known == null) {
            return Headers.NONE;
        }
        if (known instanceof Headers said) {
            return said;
        }
        Headers said = HeaderBlock.read((byte[]) known);
        headers = said;
        return said;
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
     * The size as servers count it: headers and payload.
     *
     * @return the number of bytes
     */
    public int sizeBytes() {
        Object known = headers;
        if (known == null) {
            return payload.length;
        }
        return payload.length + (known instanceof Headers said ? said.receivedBytes() : ((byte[]) known).length);
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
        replier.reply(replyTo(), answer);
    }

    /**
     * Answers with headers, otherwise as {@link #respond(byte[])}.
     *
     * @param headers what to say beside the payload
     * @param answer the payload, copied before this returns
     * @throws NatsException as {@link #respond(byte[])}; NO_SERVER_SUPPORT
     */
    public void respond(Headers headers, byte[] answer) {
        replier.reply(replyTo(), headers.block(), answer);
    }

    private String replyTo() {
        if (reply == null) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "nobody expects an answer to this message to \"" + subject + "\"");
        }
        return reply;
    }

    @Override
    public String toString() {
        return "NatsMessage[subject=" + subject + ", reply=" + reply + ", payload=" + payload.length + " bytes]";
    }
}
