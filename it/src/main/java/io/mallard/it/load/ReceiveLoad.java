package io.mallard.it.load;

import io.mallard.it.judge.Senders;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the client under test is sent: one message of the judge's after the other.
 *
 * <p>Threading: happens on one thread; the number can be read from any.
 */
final class ReceiveLoad implements PacedThreads.Event {
    private final Senders senders;
    private final AtomicLong sent = new AtomicLong();

    ReceiveLoad(Senders senders) {
        this.senders = senders;
    }

    @Override
    public void happen(int thread, int number, long intendedNs) {
        if (senders.send()) {
            sent.incrementAndGet();
        }
    }

    long sent() {
        return sent.get();
    }
}
