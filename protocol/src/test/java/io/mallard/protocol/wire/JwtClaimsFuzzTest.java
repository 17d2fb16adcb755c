package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A JWT that is anything, and claims that are anything: an expiry, none, or a refusal that repeats nothing of it. */
class JwtClaimsFuzzTest {
    @DictionaryEntries({"\"exp\":", "1e999", "-1", "0", "9223372036854775807", "null", "."})
    @MethodSource("claims")
    @FuzzTest
    void readsAnExpiryOrRefuses(byte[] input) {
        String base64 = Base64.getUrlEncoder().withoutPadding().encodeToString(input);
        for (String jwt : new String[] {new String(input, ISO_8859_1), "e30." + base64 + ".c2ln"}) {
            try {
                Long expiresAtS = JwtClaims.parse(jwt).expiresAtS();
                assertThat(expiresAtS == null || expiresAtS != 0).isTrue();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasNoCause();
                assertThat(e.getMessage()).startsWith("not a JWT: ").hasSizeLessThan(100);
                assertThatThrownBy(() -> JwtClaims.parse(jwt)).hasMessage(e.getMessage());
            }
        }
    }

    static Stream<byte[]> claims() {
        return Stream.of(
                        "{\"exp\":1790000000,\"sub\":\"U\"}",
                        "{\"exp\":1.5e9}",
                        "e30.eyJleHAiOjF9.c2ln",
                        "{\"exp\":\"x\"}")
                .map(text -> text.getBytes(US_ASCII));
    }
}
