package io.mallard.benchmarks.client;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.PublishReliability;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Mallard with its defaults, but for what becomes of publishes that may be lost.
 *
 * <p>Threading: immutable.
 */
final class MallardContender implements Contender {
    private static final Duration TIMEOUT = Duration.ofSeconds(Countdown.TIMEOUT_SECONDS);

    private final PublishReliability reliability;

    MallardContender(PublishReliability reliability) {
        this.reliability = reliability;
    }

    private NatsClient connect(String url) {
        return NatsClient.connect(NatsOptions.builder()
                .servers(url)
                .publishReliability(reliability)
                .build());
    }

    @Override
    public Publishing publishing(Traffic traffic) {
        NatsClient client = connect(traffic.url());
        return new Publisher(client, traffic.subject(), traffic.payload());
    }

    @Override
    public Delivering delivering(Traffic traffic) {
        NatsClient client = connect(traffic.url());
        Countdown deliveries = new Countdown();
        client.subscribe(traffic.subject(), message -> deliveries.onHappened());
        client.flush(TIMEOUT);
        return new Deliverer(client, traffic.subject(), traffic.payload(), deliveries);
    }

    @Override
    public Requesting requesting(Traffic traffic) {
        NatsClient client = connect(traffic.url());
        return new Requester(client, traffic.subject(), traffic.payload());
    }

    @Override
    public Responding responding(String url, String subject) {
        NatsClient client = connect(url);
        client.subscribe(subject, message -> message.respond(message.payload()));
        client.flush(TIMEOUT);
        return client::close;
    }

    // Carriers, whose fields are nobody's business.
    @SuppressWarnings("ArrayRecordComponent")
    private record Publisher(NatsClient client, String subject, byte[] payload) implements Publishing {
        @Override
        public void publish(int messages) {
            for (int i = 0; i < messages; i++) {
                client.publish(subject, payload);
            }
            client.flush(TIMEOUT);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Deliverer(NatsClient client, String subject, byte[] payload, Countdown deliveries)
            implements Delivering {
        @Override
        public void deliver(int messages) {
            deliveries.expect(messages);
            for (int i = 0; i < messages; i++) {
                client.publish(subject, payload);
            }
            deliveries.await();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Requester(NatsClient client, String subject, byte[] payload) implements Requesting {
        @Override
        public void request() {
            client.request(subject, payload, TIMEOUT);
        }

        @Override
        public void request(int requests, int inFlight) {
            Semaphore window = new Semaphore(inFlight);
            for (int i = 0; i < requests; i++) {
                Countdown.await(window, 1);
                // An unanswered one keeps its place in the window, and the deadline above tells.
                var unused = client.requestAsync(subject, payload, TIMEOUT).thenRun(window::release);
            }
            Countdown.await(window, inFlight);
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
