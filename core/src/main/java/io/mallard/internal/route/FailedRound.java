package io.mallard.internal.route;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.CredentialsRefusedException;
import io.mallard.internal.server.ServerAddress;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong at each server of one round of attempts, and what is to be said of it.
 *
 * <p>Threading: immutable.
 */
public record FailedRound(Map<ServerAddress, Throwable> failures) {
    /** What makes no sense to try again as it is. */
    private static final Set<NatsStatus> REFUSALS = EnumSet.of(
            NatsStatus.CONNECTION_AUTH_FAILED,
            NatsStatus.SECURE_CONNECTION_WANTED,
            NatsStatus.SECURE_CONNECTION_REQUIRED,
            NatsStatus.SSL_ERROR);

    /** What a failure says of itself. */
    public static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }

    /** Every server with its reason. */
    public String attempts() {
        return failures.isEmpty()
                ? "there is no other server"
                : failures.entrySet().stream()
                        .map(failure -> failure.getKey() + ": " + reason(failure.getValue()))
                        .sorted()
                        .collect(Collectors.joining("; "));
    }

    /** Whether every server says, in the same way, that something has to be changed first. */
    public boolean isRefusal() {
        return status() != NatsStatus.NO_SERVER && failures.values().stream().noneMatch(FailedRound::mayPass);
    }

    /** Credentials that could not be had may be had later, and a connection that breaks says nothing of certificates. */
    private static boolean mayPass(Throwable failure) {
        if (!(failure instanceof NatsException nats)) {
            return true;
        }
        return switch (nats.status()) {
            case CONNECTION_AUTH_FAILED -> !(failure instanceof CredentialsRefusedException);
            case SSL_ERROR -> nats.getCause() instanceof IOException && !(nats.getCause() instanceof SSLException);
            default -> false;
        };
    }

    /** One cause of all failures is worth more to a program than the general one, where it has to change something. */
    private NatsStatus status() {
        List<NatsStatus> distinct = failures.values().stream()
                .map(failure -> failure instanceof NatsException nats ? nats.status() : NatsStatus.NO_SERVER)
                .distinct()
                .toList();
        return distinct.size() == 1 && REFUSALS.contains(distinct.get(0)) ? distinct.get(0) : NatsStatus.NO_SERVER;
    }

    /** What a caller is told who waits for the first connection. */
    public NatsException toException() {
        return new NatsException(status(), "no server could be connected to: " + attempts(), last());
    }

    private @Nullable Throwable last() {
        return failures.values().stream().reduce((earlier, later) -> later).orElse(null);
    }
}
