package io.mallard.benchmarks.client;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/**
 * The official Java client with its defaults, but for the number of PINGs: it counts those of a flush, too, and gives up the
 * connection when several threads flush.
 *
 * <p>Threading: stateless.
 */
final class JnatsContender implements Contender {
    private static final int MAX_PINGS_OUT = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(Countdown.TIMEOUT_SECONDS);

    @Override
    public Publishing publishing(Traffic traffic) {
        return new Publisher(connect(traffic.url()), traffic.subject(), traffic.payload());
    }

    @Override
    public Delivering delivering(Traffic traffic) {
        Connection connection = connect(traffic.url());
        Countdown deliveries = new Countdown();
        connection.createDispatcher(message -> deliveries.onHappened()).subscribe(traffic.subject());
        flush(connection);
        return new Deliverer(connection, traffic.subject(), traffic.payload(), deliveries);
    }

    @Override
    public Requesting requesting(Traffic traffic) {
        return new Requester(connect(traffic.url()), traffic.subject(), traffic.payload());
    }

    @Override
    public Responding responding(String url, String subject) {
        Connection connection = connect(url);
        connection
                .createDispatcher(message -> connection.publish(message.getReplyTo(), message.getData()))
                .subscribe(subject);
        flush(connection);
        return () -> close(connection);
    }

    private static Connection connect(String url) {
        try {
            return Nats.connect(Options.builder()
                    .server(url)
                    .maxPingsOut(MAX_PINGS_OUT)
                    .errorListener(new ErrorListener() {})
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw Countdown.interrupted(e);
        }
    }

    private static void flush(Connection connection) {
        try {
            connection.flush(TIMEOUT);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no PONG within " + TIMEOUT, e);
        } catch (InterruptedException e) {
            throw Countdown.interrupted(e);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            throw Countdown.interrupted(e);
        }
    }

    // Carriers, whose fields are nobody's business.
    @SuppressWarnings("ArrayRecordComponent")
    private record Publisher(Connection connection, String subject, byte[] payload) implements Publishing {
        @Override
        public void publish(int messages) {
            for (int i = 0; i < messages; i++) {
                connection.publish(subject, payload);
            }
            flush(connection);
        }

        @Override
        public void close() {
            JnatsContender.close(connection);
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Deliverer(Connection connection, String subject, byte[] payload, Countdown deliveries)
            implements Delivering {
        @Override
        public void deliver(int messages) {
            deliveries.expect(messages);
            for (int i = 0; i < messages; i++) {
                connection.publish(subject, payload);
            }
            deliveries.await();
        }

        @Override
        public void close() {
            JnatsContender.close(connection);
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Requester(Connection connection, String subject, byte[] payload) implements Requesting {
        @Override
        public void request() {
            try {
                if (connection.request(subject, payload, TIMEOUT) == null) {
                    throw new IllegalStateException("no answer within " + TIMEOUT);
                }
            } catch (InterruptedException e) {
                throw Countdown.interrupted(e);
            }
        }

        @Override
        public void request(int requests, int inFlight) {
            Semaphore window = new Semaphore(inFlight);
            for (int i = 0; i < requests; i++) {
                Countdown.await(window, 1);
                // An unanswered one keeps its place in the window, and the deadline above tells.
                var unused =
                        connection.requestWithTimeout(subject, payload, TIMEOUT).thenRun(window::release);
            }
            Countdown.await(window, inFlight);
        }

        @Override
        public void close() {
            JnatsContender.close(connection);
        }
    }
}
