package io.mallard;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself to one server, in CONNECT. One of the methods below makes them.
 *
 * <p>Threading: immutable.
 *
 * @param user the user, or null
 * @param password the password, or null
 * @param token the token, or null
 * @param nkey the public key, or null
 * @param jwt the JWT of the user, or null
 * @param signature the server's nonce, signed, in base64url; or null
 */
public record Credentials(
        @Nullable String user,
        @Nullable String password,
        @Nullable String token,
        @Nullable String nkey,
        @Nullable String jwt,
        @Nullable String signature) {
    /**
     * A user and a password.
     *
     * @param user the user
     * @param password the password
     * @return the credentials
     */
    public static Credentials user(String user, String password) {
        return new Credentials(user, password, null, null, null, null);
    }

    /**
     * A token.
     *
     * @param token the token
     * @return the credentials
     */
    public static Credentials token(String token) {
        return new Credentials(null, null, token, null, null, null);
    }

    /**
     * A key that the server knows.
     *
     * @param publicKey the public key, {@code U…}
     * @param signature of the nonce, 64 bytes of Ed25519
     * @return the credentials
     */
    public static Credentials nkey(String publicKey, byte[] signature) {
        return new Credentials(null, null, null, publicKey, null, encoded(signature));
    }

    /**
     * A JWT, which names the key.
     *
     * @param jwt the JWT of the user
     * @param signature of the nonce, 64 bytes of Ed25519
     * @return the credentials
     */
    public static Credentials jwt(String jwt, byte[] signature) {
        return new Credentials(null, null, null, null, jwt, encoded(signature));
    }

    private static String encoded(byte[] signature) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }

    /** Says of what kind they are, and no secret. */
    @Override
    public String toString() {
        if (jwt != null) {
            return "JWT ***";
        }
        if (nkey != null) {
            return "nkey " + nkey;
        }
        return token != null ? "token ***" : user != null ? "user " + user + ", password ***" : "none";
    }
}
