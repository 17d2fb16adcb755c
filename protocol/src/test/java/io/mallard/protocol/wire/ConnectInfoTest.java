package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectInfoTest {
    private static final ConnectInfo EVERYTHING = ConnectInfo.builder()
            .tlsRequired(true)
            .echo(false)
            .version("1.2.3")
            .name("duck \"1\"\r\nPUB x 0")
            .user("mallard")
            .pass("pässwörd")
            .authToken("s3cr3t-token")
            .jwt("eyJ-jwt")
            .nkey("UNKEY")
            .sig("c2lnbmF0dXJl")
            .build();

    @Test
    void leavesOutWhatIsNotSet() {
        assertThat(new String(ConnectInfo.builder().version("1").build().toJson(), UTF_8))
                .isEqualTo("{\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"lang\":\"java\","
                        + "\"version\":\"1\",\"protocol\":1,\"echo\":true,\"headers\":true,\"no_responders\":true}");
    }

    @Test
    void writesEveryFieldAsJsonOnOneLine() throws ProtocolException {
        byte[] json = EVERYTHING.toJson();

        assertThat(new String(json, UTF_8)).doesNotContain("\r", "\n");
        assertThat(Json.readObject(json, 0, json.length, 0))
                .isEqualTo(Map.ofEntries(
                        Map.entry("verbose", false),
                        Map.entry("pedantic", false),
                        Map.entry("tls_required", true),
                        Map.entry("lang", "java"),
                        Map.entry("version", "1.2.3"),
                        Map.entry("protocol", 1L),
                        Map.entry("echo", false),
                        Map.entry("headers", true),
                        Map.entry("no_responders", true),
                        Map.entry("name", "duck \"1\"\r\nPUB x 0"),
                        Map.entry("user", "mallard"),
                        Map.entry("pass", "pässwörd"),
                        Map.entry("auth_token", "s3cr3t-token"),
                        Map.entry("jwt", "eyJ-jwt"),
                        Map.entry("nkey", "UNKEY"),
                        Map.entry("sig", "c2lnbmF0dXJl")));
    }

    @Test
    void neverShowsASecret() {
        assertThat(EVERYTHING.toString())
                .contains("user=mallard", "pass=***", "authToken=***", "jwt=***", "nkey=UNKEY", "sig=***")
                .doesNotContain("pässwörd", "s3cr3t-token", "eyJ-jwt", "c2lnbmF0dXJl");
        assertThat(ConnectInfo.builder().version("1").build().toString()).contains("pass=null", "jwt=null");
    }

    @Test
    void needsAVersion() {
        assertThatNullPointerException()
                .isThrownBy(() -> ConnectInfo.builder().build())
                .withMessage("version");
    }
}
