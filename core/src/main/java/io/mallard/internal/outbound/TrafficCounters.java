package io.mallard.internal.outbound;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much has gone through the connections of one client, in the protocol's own bytes. It is counted once for each read and each
 * batch, not for each message.
 *
 * <p>Threading: {@link #onReceived} on the event loop, {@link #onSent} by whoever writes, under a lock of each connection's; read by
 * anybody.
 */
public final class TrafficCounters {
    private final AtomicLong messagesReceived = new AtomicLong();
    private final AtomicLong bytesReceived = new AtomicLong();
    private final AtomicLong messagesSent = new AtomicLong();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong publishesResent = new AtomicLong();

    public void onReceived(long messages, long bytes) {
        messagesReceived.setRelease(messagesReceived.getPlain() + messages); // There is one event loop.
        bytesReceived.setRelease(bytesReceived.getPlain() + bytes);
    }

    public void onSent(long messages, long bytes) {
        messagesSent.addAndGet(messages);
        bytesSent.addAndGet(bytes);
    }

    /** Publishes that a lost connection had sent, and that go out again. */
    public void onResent(long publishes) {
        publishesResent.addAndGet(publishes);
    }

    public long messagesReceived() {
        return messagesReceived.get();
    }

    public long bytesReceived() {
        return bytesReceived.get();
    }

    public long messagesSent() {
        return messagesSent.get();
    }

    public long bytesSent() {
        return bytesSent.get();
    }

    public long publishesResent() {
        return publishesResent.get();
    }
}
