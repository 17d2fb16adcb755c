package io.mallard.internal.handover;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;

/**
 * A PING behind something the server must have taken before anything else goes on. Its PONG opens the gate behind which
 * user data of the connection may have waited.
 *
 * <p>Threading: owned by the event loop.
 */
public final class Barrier extends Ping {
    private final ServerConnection connection;
    private boolean answered;

    public Barrier(ServerConnection connection) {
        this.connection = connection;
    }

    boolean isAnswered() {
        return answered;
    }

    @Override
    public void onPong() {
        answered = true;
        connection.outbound().openGate();
        connection.writer().flush();
    }

    @Override
    public void onLost() {
        // Whoever waits for it hears of the loss of the connection.
    }
}
