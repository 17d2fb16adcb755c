package io.mallard.internal.publish;

import io.mallard.NatsMessage;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * Answers the messages of one connection on that connection, also while it is being left: a server grants
 * {@code allow_responses} to the connection that got the request, and to no other. Once the connection is left, an
 * answer goes where everything goes.
 *
 * <p>Threading: any thread.
 */
public final class ReplyPath implements NatsMessage.Replier {
    private final Route route;
    private final Publisher publisher;

    /** {@code route} is that of the one connection. */
    public ReplyPath(Route route, Publisher publisher) {
        this.route = route;
        this.publisher = publisher;
    }

    @Override
    public void reply(String subject, byte[] payload) {
        reply(subject, null, payload);
    }

    @Override
    public void reply(String subject, byte @Nullable [] headers, byte[] payload) {
        int headerBytes = Publisher.headerBytes(headers);
        int size = Publisher.size(subject, null, headerBytes, payload.length);
        if (route.takes(headerBytes, payload.length)
                && route.outbound().reply(subject, headers, payload, size) == Append.ACCEPTED) {
            route.flushSoon();
        } else {
            publisher.publish(subject, null, headers, payload, 0, payload.length);
        }
    }
}
