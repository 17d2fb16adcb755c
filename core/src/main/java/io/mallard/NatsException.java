package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * An operation that did not succeed: the message says what, the numbers and what to change; {@link #status()} is for
 * programs.
 */
public class NatsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final NatsStatus status;
    private final boolean neverSent;

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
        this(status, message, cause, false);
    }

    private NatsException(NatsStatus status, String message, @Nullable Throwable cause, boolean neverSent) {
        super(message, cause);
        this.status = status;
        this.neverSent = neverSent;
    }

    /**
     * Creates the exception of a request that no connection had taken when it ended.
     *
     * @param status what kind of failure
     * @param message what happened, with its numbers
     * @return an exception of which {@link #isNeverSent()} is true
     */
    public static NatsException neverSent(NatsStatus status, String message) {
        return new NatsException(status, message, null, true);
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
     * Whether no connection had taken the request when it ended: nobody can have executed it, and trying again cannot have it executed
     * twice.
     *
     * @return false as well where that is not known, and of what is no request
     */
    public boolean isNeverSent() {
        return neverSent;
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
