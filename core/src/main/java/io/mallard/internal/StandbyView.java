package io.mallard.internal;

import io.mallard.Headers;
import io.mallard.HotSwapClient;
import io.mallard.MessageHandler;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import io.mallard.Subscription;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.request.Requester;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes, requests and subscribes on one connection, by parts that know no other route than to there.
 *
 * <p>Threading: any thread.
 */
public final class StandbyView implements HotSwapClient {
    /** Subscribes on the connection. */
    @FunctionalInterface
    public interface Subscriber {
        Subscription subscribe(String subject, MessageHandler handler);
    }

    private final ServerConnection connection;
    private final Publisher publisher;
    private final Requester requester;
    private final Subscriber subscriber;
    private final Function<Headers, byte @Nullable []> block;

    /** {@code block} gives headers as they go out. */
    public StandbyView(
            ServerConnection connection,
            Publisher publisher,
            Requester requester,
            Subscriber subscriber,
            Function<Headers, byte @Nullable []> block) {
        this.connection = connection;
        this.publisher = publisher;
        this.requester = requester;
        this.subscriber = subscriber;
        this.block = block;
    }

    public boolean isOf(ServerConnection other) {
        return connection == other;
    }

    @Override
    public String url() {
        return connection.url();
    }

    @Override
    public void publish(String subject, byte[] payload) {
        publisher.publish(subject, null, payload, 0, payload.length);
    }

    @Override
    public void publish(String subject, Headers headers, byte[] payload) {
        publisher.publish(subject, null, block.apply(headers), payload, 0, payload.length);
    }

    @Override
    public NatsMessage request(String subject, byte[] payload, Duration timeout) {
        return requester.request(subject, payload, RequestOptions.timeout(timeout));
    }

    @Override
    public NatsMessage request(String subject, Headers headers, byte[] payload, Duration timeout) {
        return requester.request(subject, block.apply(headers), payload, RequestOptions.timeout(timeout));
    }

    @Override
    public Subscription subscribe(String subject, MessageHandler handler) {
        return subscriber.subscribe(subject, handler);
    }

    @Override
    public String toString() {
        return "HotSwapClient[" + url() + "]";
    }
}
