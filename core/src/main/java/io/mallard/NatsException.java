package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * An operation that did not succeed: the message says what, the numbers and what to change; {@link #status()} is for
 * programs.
 */
public class NatsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final NatsStatus status;

    /**
     * Creates an exception without a cause.
     *
     * @param status what kind of failure
     * @param message what happened, with its numbers
     */
    public NatsException(NatsStatus status, String message) {
        this(status, message, null);
    }

    /**
     * Creates an exception.
     *
     * @param status what kind of failure
     * @param message what happened, with its numbers
     * @param cause what led to it, or null
     */
    public NatsException(NatsStatus status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /**
     * What kind of failure this is.
     *
     * @return the status, never {@link NatsStatus#OK}
     */
    public NatsStatus status() {
        return status;
    }

    /**
     * Whether the same operation may succeed when it is tried again without any change.
     *
     * @return as {@link NatsStatus#isRetryable()}
     */
    public boolean retryable() {
        return status.isRetryable();
    }
}
