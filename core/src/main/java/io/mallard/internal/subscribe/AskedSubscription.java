package io.mallard.internal.subscribe;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.SyncSubscription;
import io.mallard.internal.request.Requester;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscription whose messages wait until they are asked for.
 *
 * <p>Threading: as {@link ActiveSubscription}; {@link #nextMessage} from any thread but the event loop.
 */
public final class AskedSubscription extends ActiveSubscription implements SyncSubscription {
    private final boolean ofRequest;

    /** {@code ofRequest}: it receives the replies to a request, and ends with that. */
    AskedSubscription(
            long sid,
            String subject,
            @Nullable String queue,
            boolean ofRequest,
            PendingOptions limits,
            boolean tellsLimit,
            Client client,
            Consumer<ActiveSubscription> onGathering) {
        super(sid, subject, queue, message -> {}, null, limits, tellsLimit, client, onGathering, refused -> {});
        this.ofRequest = ofRequest;
    }

    @Override
    public boolean isOfRequest() {
        return ofRequest;
    }

    /** Whoever has its last messages may never ask for them. */
    @Override
    boolean hasHandler() {
        return false;
    }

    @Override
    public @Nullable NatsMessage nextMessage(Duration timeout) {
        if (client.isOnEventLoop()) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "whoever waits for a message on the event loop keeps it from coming");
        }
        try {
            NatsMessage message = mailbox.take(Requester.boundedNs(timeout));
            if (message == null && mailbox.isExhausted()) {
                throw ended();
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsException(NatsStatus.ERR, "interrupted while waiting for a message to " + this, e);
        }
    }

    private NatsException ended() {
        NatsStatus status = endedBy();
        String why = switch (status) {
            case MAX_DELIVERED_MSGS -> "it has had all the messages it was limited to";
            case CONNECTION_CLOSED -> "the client is closed";
            default -> "it has ended";
        };
        return new NatsException(status, "no message to " + this + ": " + why);
    }
}
