package io.mallard.it.judge;

import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.util.function.Consumer;

/**
 * One raw socket on one node that sends to the client under test, and takes nothing back when it leaves.
 *
 * <p>Threading: one thread at a time.
 */
final class Sender implements RawListener {
    private final int node;
    private final String name;
    private final Consumer<String> trouble;
    private final RawNats connection;

    // Once true, always true. Read by the socket's reader thread.
    private volatile boolean left;

    /** @param trouble hears of whatever may have cost a message on its way to the server */
    Sender(int node, String url, Consumer<String> trouble) {
        this.node = node;
        this.name = "sender " + node + " at " + url;
        this.trouble = trouble;
        this.connection = RawNats.connect(url, this);
    }

    int node() {
        return node;
    }

    void send(String subject, byte[] payload) {
        connection.publish(subject, payload);
        connection.flush();
    }

    /** Returns when the server has processed everything it was sent, and closes. */
    void leave() {
        connection.ping();
        abandon();
        connection.errors().forEach(error -> trouble.accept(name + ": -ERR " + error));
    }

    /** Closes without ado. */
    void abandon() {
        left = true;
        connection.close();
    }

    @Override
    public void onMessage(RawMessage message) {
        trouble.accept(name + ": a message to somebody who subscribed to nothing");
    }

    @Override
    public void onClosed(String reason) {
        if (!left) {
            trouble.accept(name + ": closed, " + reason);
        }
    }
}
