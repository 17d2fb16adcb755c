package io.mallard.it.load;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * The official Java client under load, with its defaults but for reconnecting without an end.
 *
 * <p>Threading: as {@link Connection}.
 */
record JnatsLoadClient(Connection connection) implements LoadClient {
    static JnatsLoadClient connect(ClientOptions options) {
        Options jnats = new Options.Builder()
                .servers(options.urls().toArray(String[]::new))
                .connectionName(options.name())
                .noRandomize()
                .maxReconnects(-1)
                .errorListener(new ErrorListener() {})
                .build();
        try {
            return new JnatsLoadClient(Nats.connect(jnats));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void publish(String subject, byte[] payload) {
        connection.publish(subject, payload);
    }

    @Override
    public byte[] request(String subject, byte[] payload, Duration timeout) throws RequestFailedException {
        try {
            Message reply = connection.request(subject, payload, timeout);
            if (reply == null) {
                throw new RequestFailedException("no reply");
            }
            return reply.getData();
        } catch (IllegalStateException e) {
            throw new RequestFailedException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void subscribe(String subject, Receiver receiver) {
        connection
                .createDispatcher(message -> receiver.onMessage(message.getSubject(), message.getData()))
                .subscribe(subject);
    }

    /** It keeps none. */
    @Override
    public boolean isStandbyReady() {
        return false;
    }

    @Override
    public ClientFigures figures() {
        return ClientFigures.NONE;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted in jnats", e);
    }
}
