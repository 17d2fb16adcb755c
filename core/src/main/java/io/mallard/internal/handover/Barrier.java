package io.mallard.internal.handover;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;
import org.jspecify.annotations.Nullable;

/**
 * A PING behind something the server must have taken before anything else goes on.
 *
 * <p>Threading: owned by the event loop.
 */
public final class Barrier extends Ping {
    private final @Nullable ServerConnection gated;
    private boolean answered;

    Barrier() {
        this.gated = null;
    }

    /** Its PONG opens the gate of this connection, behind which user data may have waited. */
    public Barrier(ServerConnection gated) {
        this.gated = gated;
    }

    boolean isAnswered() {
        return answered;
    }

    @Override
    public void onPong() {
        answered = true;
        if (gated != null) {
            gated.outbound().openGate();
            gated.writer().flush();
        }
    }

    @Override
    public void onLost() {
        // Whoever waits for it hears of the loss of the connection.
    }
}
