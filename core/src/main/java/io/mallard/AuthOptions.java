package io.mallard;

import org.jspecify.annotations.Nullable;

/**
 * How the client identifies itself: by user and password, by token, or not at all.
 *
 * @param user the user, or null
 * @param password the password, or null
 * @param token the token, or null
 */
public record AuthOptions(
        @Nullable String user,
        @Nullable String password,
        @Nullable String token) {
    /** No credentials. */
    public static final AuthOptions NONE = new AuthOptions(null, null, null);

    /** Refuses credentials that contradict each other. */
    public AuthOptions {
        if (token != null && user != null) {
            throw new IllegalArgumentException("both a user and a token are given; a server takes one of them");
        }
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException(
                    user == null ? "a password is given without a user" : "a user is given without a password");
        }
    }

    /** Says which credentials there are, and none of them. */
    @Override
    public String toString() {
        return user != null ? "user " + user + ", password ***" : token != null ? "token ***" : "none";
    }
}
