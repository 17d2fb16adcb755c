package io.mallard;

/**
 * The outcome of an operation, with the numbers and texts of the C client's {@code natsStatus}, so that dashboards and
 * log searches made for one work for the other.
 *
 * <p>Threading: immutable.
 */
public enum NatsStatus {
    /** Success. */
    OK(0, "OK", false),
    /** A failure none of the others describes. */
    ERR(1, "Error", false),
    /** The peer broke the protocol. */
    PROTOCOL_ERROR(2, "Protocol Error", false),
    /** The client, or the connection that carried the operation, is closed. */
    CONNECTION_CLOSED(5, "Connection Closed", false),
    /** No server could be connected to. */
    NO_SERVER(6, "No server available for connection", true),
    /** The client requires TLS, and the server does not offer it. */
    SECURE_CONNECTION_WANTED(8, "Secure Connection not available", false),
    /** The server requires TLS, and the client must not use it. */
    SECURE_CONNECTION_REQUIRED(9, "Secure Connection Required", false),
    /** The server refused the credentials. */
    CONNECTION_AUTH_FAILED(11, "Connection Authentication Failed", false),
    /** The server does not let the user publish or subscribe there. */
    NOT_PERMITTED(12, "Not Permitted", false),
    /** A subject or queue group name that the protocol does not allow. */
    INVALID_SUBJECT(15, "Invalid Subject", false),
    /** An argument that cannot be right. */
    INVALID_ARG(16, "Invalid Argument", false),
    /** The subscription has ended. */
    INVALID_SUBSCRIPTION(17, "Invalid Subscription", false),
    /** The operation is not possible in this state, or on this thread. */
    ILLEGAL_STATE(19, "Illegal State", false),
    /** The payload is larger than the server takes. */
    MAX_PAYLOAD(21, "Message larger than maximum payload allowed by the server", false),
    /** The subscription has had as many messages as it was limited to. */
    MAX_DELIVERED_MSGS(22, "Maximum Messages Delivered", false),
    /** A buffer is full; sending the same at once again will not help. */
    INSUFFICIENT_BUFFER(23, "Insufficient Buffer", false),
    /** The time ran out. */
    TIMEOUT(26, "Timeout", true),
    /** The TLS handshake failed: a certificate is not accepted by the other side, or a store cannot be read. */
    SSL_ERROR(29, "SSL Error", false),
    /** The server takes no headers. */
    NO_SERVER_SUPPORT(30, "Not Supported By Server", false),
    /** The client is being drained: it takes nothing new, and closes when what it has taken is done. */
    DRAINING(32, "Draining", false),
    /** Nobody is subscribed to the subject of the request. */
    NO_RESPONDERS(34, "No responders available for request", true);

    private final int code;
    private final String text;
    private final boolean retryable;

    NatsStatus(int code, String text, boolean retryable) {
        this.code = code;
        this.text = text;
        this.retryable = retryable;
    }

    /**
     * The number of {@code natsStatus} in nats.c.
     *
     * @return the number
     */
    public int code() {
        return code;
    }

    /**
     * The text of {@code natsStatus_GetText} in nats.c.
     *
     * @return the text
     */
    public String text() {
        return text;
    }

    /**
     * Whether the same operation may succeed when it is tried again without any change.
     *
     * @return false where something has to change first: the argument, the load, the configuration
     */
    public boolean isRetryable() {
        return retryable;
    }
}
