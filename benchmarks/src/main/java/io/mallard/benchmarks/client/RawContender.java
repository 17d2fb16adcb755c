package io.mallard.benchmarks.client;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * No client at all: bytes encoded beforehand, written in batches of 64 KiB, and read without being parsed, on bare blocking
 * sockets. How many messages came is known from their size, which is always the same.
 *
 * <p>Threading: stateless.
 */
final class RawContender implements Contender {
    private static final int READ_BYTES = 64 << 10;
    private static final String INBOX = "_INBOX.raw";
    /** Of the only subscription there is. */
    private static final int SID = 1;

    @Override
    public Publishing publishing(Traffic traffic) {
        RawConnection connection = RawConnection.open(traffic.url());
        return new Publisher(connection, new RawBatch(traffic.subject(), traffic.payload()));
    }

    @Override
    public Delivering delivering(Traffic traffic) {
        RawConnection connection = subscribed(traffic.url(), traffic.subject());
        return new Deliverer(
                connection,
                new RawBatch(traffic.subject(), traffic.payload()),
                messageBytes(traffic.subject(), traffic.payloadBytes()));
    }

    @Override
    public Requesting requesting(Traffic traffic) {
        RawConnection connection = subscribed(traffic.url(), INBOX);
        return new Requester(
                connection,
                new RawBatch(traffic.subject() + " " + INBOX, traffic.payload()),
                messageBytes(INBOX, traffic.payloadBytes()));
    }

    /** The one responder here that reads what it is asked: who asks it chooses the reply subject. */
    @Override
    public Responding responding(String url, String subject) {
        return new RawResponder(subscribed(url, subject));
    }

    private static RawConnection subscribed(String url, String subject) {
        RawConnection connection = RawConnection.open(url);
        connection.write("SUB " + subject + " " + SID + "\r\n");
        connection.flush();
        return connection;
    }

    private static int messageBytes(String subject, int payloadBytes) {
        return ("MSG " + subject + " " + SID + " " + payloadBytes + "\r\n").length() + payloadBytes + 2;
    }

    private record Publisher(RawConnection connection, RawBatch batch) implements Publishing {
        @Override
        public void publish(int messages) {
            batch.write(connection, messages);
            connection.flush();
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    private static final class Deliverer implements Delivering {
        private final RawConnection connection;
        private final RawBatch batch;
        private final int messageBytes;
        private final Countdown countdown = new Countdown();
        // Written by the publishing thread, read by the reader.
        private final AtomicLong wantedBytes = new AtomicLong();

        // Owned by the reader.
        private final ByteBuffer target = ByteBuffer.allocateDirect(READ_BYTES);
        private long receivedBytes;
        private long toldBytes;

        Deliverer(RawConnection connection, RawBatch batch, int messageBytes) {
            this.connection = connection;
            this.batch = batch;
            this.messageBytes = messageBytes;
            connection.repeat("raw-reader", this::read);
        }

        @Override
        public void deliver(int messages) {
            countdown.expect(1);
            wantedBytes.addAndGet((long) messages * messageBytes);
            batch.write(connection, messages);
            countdown.await();
        }

        private void read() {
            receivedBytes += connection.read(target.clear());
            long wanted = wantedBytes.get();
            if (receivedBytes >= wanted && wanted > toldBytes) {
                toldBytes = wanted;
                countdown.onHappened();
            }
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    private static final class Requester implements Requesting {
        private final RawConnection connection;
        private final RawBatch batch;
        private final int replyBytes;
        private final ByteBuffer target = ByteBuffer.allocateDirect(READ_BYTES);
        private long wantedBytes;
        private long receivedBytes;

        Requester(RawConnection connection, RawBatch batch, int replyBytes) {
            this.connection = connection;
            this.batch = batch;
            this.replyBytes = replyBytes;
        }

        @Override
        public void request() {
            request(1, 1);
        }

        @Override
        public void request(int requests, int inFlight) {
            wantedBytes += (long) requests * replyBytes;
            int sent = 0;
            while (receivedBytes < wantedBytes) {
                int answered = requests - (int) ((wantedBytes - receivedBytes + replyBytes - 1) / replyBytes);
                int more = Math.min(requests - sent, inFlight - (sent - answered));
                batch.write(connection, more);
                sent += more;
                receivedBytes += connection.read(target.clear());
            }
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
