package io.mallard;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the client identifies itself, in one way: by user and password, by token, by nkey, by JWT, as a handler says, or not
 * at all. Suppliers and handlers are asked and files are read again for every connection, so that what they say may change.
 *
 * @param user the user, or null
 * @param password the password, or null
 * @param token the token, or null
 * @param nkeySeed the seed of the key that signs; the array is wiped after use. Or null
 * @param nkeyFile a file with that seed, or null
 * @param jwt a JWT of a user, with the seed of its key; or null
 * @param credentialsFile a {@code .creds} file: a JWT and the seed of its key; or null
 * @param handler whom to ask, or null
 * @param renewBefore how long before a JWT expires the client moves to a connection made with another one, at most
 */
public record AuthOptions(
        @Nullable String user,
        @Nullable Supplier<String> password,
        @Nullable Supplier<String> token,
        @Nullable Supplier<char[]> nkeySeed,
        @Nullable Path nkeyFile,
        @Nullable Supplier<String> jwt,
        @Nullable Path credentialsFile,
        @Nullable AuthHandler handler,
        Duration renewBefore) {
    /** Time enough for a handover, and for whoever renews credentials to be a little late. */
    public static final Duration DEFAULT_RENEW_BEFORE = Duration.ofMinutes(1);

    /** No credentials. */
    public static final AuthOptions NONE =
            new AuthOptions(null, null, null, null, null, null, null, null, DEFAULT_RENEW_BEFORE);

    /** Refuses credentials that contradict each other. */
    public AuthOptions {
        String[] ways = Stream.of(
                        user != null || password != null ? "a user" : null,
                        token != null ? "a token" : null,
                        jwt != null ? "a JWT" : nkeySeed != null || nkeyFile != null ? "an nkey" : null,
                        credentialsFile != null ? "a credentialsFile" : null,
                        handler != null ? "an authHandler" : null)
                .filter(Objects::nonNull)
                .toArray(String[]::new);
        if (ways.length > 1) {
            throw new IllegalArgumentException(
                    "both " + ways[0] + " and " + ways[1] + " are given; a server takes one of them");
        }
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException(
                    user == null ? "a password is given without a user" : "a user is given without a password");
        }
        if (nkeySeed != null && nkeyFile != null) {
            throw new IllegalArgumentException("both nkeySeed and nkeyFile are given; one key signs");
        }
        if (jwt != null && nkeySeed == null && nkeyFile == null) {
            throw new IllegalArgumentException("a jwt is given without the nkeySeed or nkeyFile of its key");
        }
        NatsOptions.requirePositive("renewCredentialsBefore", renewBefore);
    }

    /** Says which credentials there are, and none of them. */
    @Override
    public String toString() {
        if (user != null) {
            return "user " + user + ", password ***";
        }
        if (token != null) {
            return "token ***";
        }
        if (credentialsFile != null) {
            return "credentialsFile " + credentialsFile;
        }
        if (jwt != null || nkeySeed != null || nkeyFile != null) {
            return (jwt == null ? "nkey " : "JWT ***, nkey ") + (nkeyFile == null ? "***" : nkeyFile);
        }
        return handler == null ? "none" : "authHandler";
    }
}
