package io.mallard.it.load;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Mallard under load, with its defaults.
 *
 * <p>Threading: as {@link NatsClient}.
 */
record MallardLoadClient(NatsClient client) implements LoadClient {
    static MallardLoadClient connect(ClientOptions options) {
        return new MallardLoadClient(NatsClient.connect(NatsOptions.builder()
                .servers(options.urls().toArray(String[]::new))
                .name(options.name())
                .noRandomize(true)
                .hotSwapEnabled(options.hotSwap())
                .seed(options.seed())
                .build()));
    }

    @Override
    public void publish(String subject, byte[] payload) {
        client.publish(subject, payload);
    }

    @Override
    public byte[] request(String subject, byte[] payload, Duration timeout) throws RequestFailedException {
        try {
            return client.request(subject, payload, timeout).payload();
        } catch (NatsException e) {
            throw new RequestFailedException(e);
        }
    }

    @Override
    public void subscribe(String subject, Receiver receiver) {
        client.subscribe(subject, message -> receiver.onMessage(message.subject(), message.payload()));
    }

    @Override
    public long inDoubt() {
        return client.metrics().publishesInDoubt();
    }

    @Override
    public OptionalLong lastSwapNs() {
        long swapNs = client.metrics().lastSwapNs();
        return swapNs == 0 ? OptionalLong.empty() : OptionalLong.of(swapNs);
    }

    @Override
    public void close() {
        client.close();
    }
}
