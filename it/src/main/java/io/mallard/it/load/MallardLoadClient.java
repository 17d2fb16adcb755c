package io.mallard.it.load;

import io.mallard.LameDuckPrimaryPolicy;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * Mallard under load, with its defaults unless it is to keep no standby.
 *
 * <p>Threading: as {@link NatsClient}.
 */
record MallardLoadClient(NatsClient client, ClientAccount account) implements LoadClient {
    static MallardLoadClient connect(ClientOptions options) {
        HotSwap hotSwap = options.hotSwap();
        ClientAccount account = new ClientAccount(hotSwap);
        NatsOptions mallard = NatsOptions.builder()
                .servers(options.urls().toArray(String[]::new))
                .name(options.name())
                .noRandomize(true)
                .hotSwapEnabled(hotSwap.enabled())
                .standbys(hotSwap.standbys())
                .lameDuckPrimaryPolicy(
                        hotSwap.isOnDemand() ? LameDuckPrimaryPolicy.BUFFER : LameDuckPrimaryPolicy.SERVE_UNTIL_SWAP)
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
    public Optional<NatsClient> mallard() {
        return Optional.of(client);
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
