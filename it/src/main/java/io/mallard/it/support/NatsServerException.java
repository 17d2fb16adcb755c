package io.mallard.it.support;

import org.jspecify.annotations.Nullable;

/** A server that cannot be provided, started or brought to the awaited state; the message says what was tried. */
public final class NatsServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NatsServerException(String message) {
        super(message);
    }

    public NatsServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
