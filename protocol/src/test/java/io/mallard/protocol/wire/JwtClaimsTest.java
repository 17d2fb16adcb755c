package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtClaimsTest {
    private static String jwt(String claims) {
        return "header." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8))
                + ".signature";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"exp\":1700000000,\"name\":\"d\u00fcck\",\"nats\":{\"type\":\"user\"}} | 1700000000",
                "{\"exp\":1.7e9} | 1700000000",
                "{\"exp\":0} |",
                "{\"exp\":\"soon\"} |",
                "{} |",
            })
    void tellsWhenItExpires(String claims, Long expiresAtS) {
        assertThat(JwtClaims.parse(jwt(claims)).expiresAtS()).isEqualTo(expiresAtS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "quack", "a.b", "a.b.c.d"})
    void refusesWhatDoesNotHaveThreeParts(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JwtClaims.parse(text))
                .withMessageStartingWith("not a JWT: ")
                .withMessageEndingWith("must be 3");
    }

    @Test
    void refusesClaimsThatAreNoneWithoutRepeatingThem() {
        for (String text : new String[] {jwt("[\"s3cret\"]"), jwt("{\"s3cret\""), "a.s3cret!.c"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JwtClaims.parse(text))
                    .withMessage("not a JWT: its claims are not JSON in base64")
                    .withNoCause();
        }
    }
}
