package io.mallard.it.load;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.NumberedMessage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes one numbered message after the other; every thread is a publisher of its own. A number is used once, and
 * is in the ledger before the client has it: whatever the client then throws, no message gets away uncounted.
 *
 * <p>Threading: any thread.
 */
final class PublishLoad implements PacedThreads.Event {
    private final LoadClient client;
    private final DeliveryLedger ledger;

    private final AtomicLong accepted = new AtomicLong();
    private final Reasons refusals = new Reasons();

    PublishLoad(LoadClient client, DeliveryLedger ledger) {
        this.client = client;
        this.ledger = ledger;
    }

    @Override
    public void happen(int publisher, int number, long intendedNs) {
        NumberedMessage message = new NumberedMessage(publisher, number / Load.PUBLISHERS, System.nanoTime());
        ledger.offered(publisher, message.sequence());
        try {
            client.publish(message.subject(), message.toBytes());
            accepted.incrementAndGet();
        } catch (RuntimeException e) {
            ledger.refused(publisher, message.sequence());
            refusals.add(e.toString());
        }
    }

    long accepted() {
        return accepted.get();
    }

    Reasons refusals() {
        return refusals;
    }
}
