package io.mallard.it.load;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import java.time.Duration;

/**
 * Mallard under load, with its defaults.
 *
 * <p>Threading: as {@link NatsClient}.
 */
record MallardLoadClient(NatsClient client, ClientAccount account) implements LoadClient {
    static MallardLoadClient connect(ClientOptions options) {
        ClientAccount account = new ClientAccount();
        NatsOptions mallard = NatsOptions.builder()
                .servers(options.urls().toArray(String[]::new))
                .name(options.name())
                .noRandomize(true)
                .hotSwapEnabled(options.hotSwap())
                .seed(options.seed())
                .listener(account)
                .build();
        return new MallardLoadClient(NatsClient.connect(mallard), account);
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
    public boolean isStandbyReady() {
        return client.isHotSwapAvailable();
    }

    @Override
    public ClientFigures figures() {
        return account.figures(client.metrics());
    }

    @Override
    public void close() {
        client.close();
    }
}
