package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.CredentialsRefusedException;
import io.mallard.internal.connection.PermissionViolation;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user what a server complains of, by the subscription or the subject if it is about one.
 *
 * <p>Threading: owned by the event loop.
 */
final class ServerErrors {
    private final SubscriptionRegistry subscriptions;
    private final ListenerNotifier listener;
    private final EventLog log;
    /** The subscriptions that were denied on each connection, and told of. */
    private final Map<ServerConnection, Set<Long>> told = new WeakHashMap<>();

    ServerErrors(SubscriptionRegistry subscriptions, ListenerNotifier listener, EventLog log) {
        this.subscriptions = subscriptions;
        this.listener = listener;
        this.log = log;
    }

    /** A server has sent an {@code -ERR} with that text. */
    void on(ServerConnection via, String text) {
        log.serverError(via.url(), text);
        PermissionViolation violation = PermissionViolation.in(text);
        NatsException error = new NatsException(statusOf(text, violation), via.url() + ": " + text);
        if (violation == null) {
            listener.tell(l -> l.onError(error));
        } else if (violation.ofSubscription()) {
            onSubscriptionDenied(via, violation, error);
        } else {
            listener.tell(l -> l.onPublishDenied(violation.subject(), error));
        }
    }

    private static NatsStatus statusOf(String text, @Nullable PermissionViolation violation) {
        if (violation != null) {
            return NatsStatus.NOT_PERMITTED;
        }
        return CredentialsRefusedException.isSaidBy(text) ? NatsStatus.CONNECTION_AUTH_FAILED : NatsStatus.ERR;
    }

    /** A server complains of each SUB, and not which one it is: each subscription is told once per connection. */
    private void onSubscriptionDenied(ServerConnection via, PermissionViolation violation, NatsException error) {
        List<ActiveSubscription> denied = subscriptions.find(violation.subject(), violation.queue(), violation.sid());
        if (denied.isEmpty()) { // Of the client's own, or ended meanwhile.
            listener.tell(l -> l.onError(error));
        }
        for (ActiveSubscription subscription : denied) {
            if (told.computeIfAbsent(via, connection -> new HashSet<>()).add(subscription.sid())) {
                listener.tell(l -> l.onSubscriptionDenied(subscription, error));
                subscription.onFailure(error);
            }
        }
    }
}
