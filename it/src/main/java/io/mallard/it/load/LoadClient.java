package io.mallard.it.load;

import java.time.Duration;

/**
 * The client under test, reduced to what the load needs of it.
 *
 * <p>Threading: any thread; {@link #request} blocks, {@link #publish} may.
 */
public interface LoadClient extends AutoCloseable {
    /** Returns when the client has accepted the message, throws when it has not. */
    void publish(String subject, byte[] payload);

    /** The reply's payload. */
    byte[] request(String subject, byte[] payload, Duration timeout) throws RequestFailedException;

    /** Accepted publishes of which the client itself says that it does not know whether they arrived. */
    long inDoubt();

    @Override
    void close();

    /** No right answer in time, for the reason in the message. */
    final class RequestFailedException extends Exception {
        private static final long serialVersionUID = 1;

        public RequestFailedException(String reason) {
            super(reason);
        }

        public RequestFailedException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }
}
