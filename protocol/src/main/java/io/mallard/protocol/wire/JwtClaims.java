package io.mallard.protocol.wire;

import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client has to know of the JWT that it hands to a server. Nothing of it is verified: that is for the server.
 *
 * <p>Threading: immutable.
 *
 * @param expiresAtS {@code exp}: the second of the epoch at which it expires; null for never
 */
public record JwtClaims(@Nullable Long expiresAtS) {
    /**
     * Reads the claims of a JWT.
     *
     * @throws IllegalArgumentException when it is none; nothing of it is repeated
     */
    // base64url(header) . base64url(claims) . base64url(signature)     https://www.rfc-editor.org/rfc/rfc7519
    public static JwtClaims parse(String jwt) {
        String[] parts = jwt.split("\\.", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "not a JWT: " + parts.length + " parts with dots between them, must be 3");
        }
        Object expires;
        try {
            byte[] json = Base64.getUrlDecoder().decode(parts[1]);
            Map<String, @Nullable Object> claims = Json.readObject(json, 0, json.length, 0);
            expires = claims.get("exp");
        } catch (ProtocolException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not a JWT: its claims are not JSON in base64"); // Without its excerpt.
        }
        if (expires instanceof Number number) {
            return new JwtClaims(number.longValue() == 0 ? null : number.longValue());
        }
        return new JwtClaims(null);
    }
}
