package io.mallard.internal.connection;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import java.util.Locale;

/** A server does not take the credentials of the client, or takes them no longer. */
public final class CredentialsRefusedException extends NatsException {
    private static final long serialVersionUID = 1L;

    private CredentialsRefusedException(String message) {
        super(NatsStatus.CONNECTION_AUTH_FAILED, message);
    }

    static CredentialsRefusedException duringHandshake(String text) {
        return new CredentialsRefusedException(
                "the server refused the connection: " + text + "; check the credentials");
    }

    /** Whether a server says by these words that it refuses credentials. */
    public static boolean isSaidBy(String text) {
        String words = text.toLowerCase(Locale.ROOT);
        return words.startsWith("authorization violation")
                || words.endsWith("authentication expired")
                || words.endsWith("authentication revoked");
    }

    /** Whether a server says by these words that credentials have not come in time. */
    static boolean isTimeoutSaidBy(String text) {
        return text.toLowerCase(Locale.ROOT).startsWith("authentication timeout");
    }
}
