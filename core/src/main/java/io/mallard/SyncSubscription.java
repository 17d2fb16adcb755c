package io.mallard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A subscription without a handler: its messages wait until somebody asks for the next one. Limits, policies and the event
 * of a slow consumer are those of any other: whoever asks is the handler.
 *
 * <p>Threading: safe from any thread; of several threads that ask each message goes to one.
 */
public interface SyncSubscription extends Subscription {
    /**
     * The next message, if need be after a while. Reconnects and handovers go unnoticed. To a drain, and to a server that
     * is being left, a message counts as handled when it was returned.
     *
     * @param timeout longest time to wait; zero, or less, takes what is there
     * @return the message; null when none has come in time
     * @throws NatsException at once, also when that happens during the wait: MAX_DELIVERED_MSGS when the last one of those
     *     it was limited to was returned before; INVALID_SUBSCRIPTION when it was unsubscribed, or has drained and the last
     *     one was returned before; CONNECTION_CLOSED when the client is closed; ERR when the thread is interrupted, which
     *     it then still is; ILLEGAL_STATE on the event loop
     */
    @Nullable
    NatsMessage nextMessage(Duration timeout);
}
