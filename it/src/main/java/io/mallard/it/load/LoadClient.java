package io.mallard.it.load;

import io.mallard.NatsClient;
import java.time.Duration;
import java.util.Optional;

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

    /** A plain subscription for as long as the client lives. */
    void subscribe(String subject, Receiver receiver);

    /** Whether it has a validated connection to another server at hand. */
    boolean isStandbyReady();

    /** What it is, if it is Mallard, for those who look at more than a load does. */
    default Optional<NatsClient> mallard() {
        return Optional.empty();
    }

    /** What it says of itself until now. */
    ClientFigures figures();

    @Override
    void close();

    /** Takes what a subscription receives, one message at a time. */
    @FunctionalInterface
    interface Receiver {
        void onMessage(String subject, byte[] payload);
    }

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
