package io.mallard.it.judge;

/** The run could not show what it is meant to show, for the reason in the message. */
public final class InconclusiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InconclusiveException(String message) {
        super(message);
    }
}
