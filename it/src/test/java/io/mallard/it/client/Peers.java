package io.mallard.it.client;

import io.mallard.it.support.NatsServer;
import io.mallard.it.support.RawListener;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The other side of a test, made of raw sockets that share nothing with the client.
 *
 * <p>Threading: stateless; see {@link RawNats} for what it makes.
 */
final class Peers {
    private Peers() {}

    /** Hands every message on a subject to the listener; the server knows of it when this returns. */
    static RawNats receiver(NatsServer server, String subject, RawListener listener) {
        RawNats receiver = RawNats.connect(server.url(), listener);
        receiver.subscribe(subject, 1);
        receiver.ping();
        return receiver;
    }

    /** Counts numbered messages. */
    static RawNats receiver(NatsServer server, String subject, Numbers numbers) {
        return receiver(server, subject, (RawMessage message) -> numbers.add(message.payload()));
    }

    /** Answers every request with its own payload. */
    static RawNats responder(NatsServer server, String subject) {
        return responder(server, subject, payload -> {});
    }

    /** Answers numbered requests likewise, and keeps the order they came in. */
    static RawNats responder(NatsServer server, String subject, Numbers executed) {
        return responder(server, subject, executed::add);
    }

    private static RawNats responder(NatsServer server, String subject, Consumer<byte[]> onRequest) {
        AtomicReference<RawNats> self = new AtomicReference<>();
        RawNats responder = RawNats.connect(server.url(), message -> {
            if (message.reply() != null) {
                onRequest.accept(message.payload());
                RawNats connection = Objects.requireNonNull(self.get());
                connection.publish(message.reply(), message.payload());
                connection.flush();
            }
        });
        self.set(responder);
        responder.subscribe(subject, 1);
        responder.ping();
        return responder;
    }
}
