package io.mallard.internal.outbound;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import java.util.concurrent.CompletableFuture;

/**
 * A PING whose PONG is waited for.
 *
 * <p>Threading: told on the event loop, waited for by anybody.
 */
public final class AwaitedPing extends Ping {
    private final CompletableFuture<Void> answered = new CompletableFuture<>();

    /** Completes with the PONG; exceptionally when the connection was lost before. */
    public CompletableFuture<Void> answered() {
        return answered;
    }

    @Override
    public void onPong() {
        answered.complete(null);
    }

    @Override
    public void onLost() {
        answered.completeExceptionally(new NatsException(NatsStatus.CONNECTION_CLOSED, "lost before the PONG came"));
    }
}
