package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * INFO as anything: it is read the same each time, or refused in a few words; what was read can be written and read again.
 */
class ServerInfoFuzzTest {
    private static final int LONGEST_REFUSAL = 600;

    @DictionaryEntries({
        "\"server_id\":",
        "\"proto\":",
        "\"port\":",
        "\"max_payload\":",
        "\"connect_urls\":[",
        "\"ldm\":true",
        "\"nonce\":",
        "\"client_id\":",
        "\"headers\":",
        "null",
        "false",
        "[[[[",
        "{\"a\":",
        "\\\\ud83e\\\\udd86",
        "\\\\u0000",
        "1e999",
        "-0.0",
        "9223372036854775808"
    })
    @MethodSource("texts")
    @FuzzTest
    void readsTheSameEachTimeOrRefuses(byte[] json) {
        Map<String, Object> members;
        try {
            members = Json.readObject(json, 0, json.length, 0);
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).hasSizeLessThan(LONGEST_REFUSAL);
            assertThatThrownBy(() -> ServerInfo.parse(json, 0, json.length)).hasMessage(e.getMessage());
            return;
        }
        byte[] again = written(members).getBytes(UTF_8);
        try {
            assertThat(Json.readObject(again, 0, again.length, 0)).isEqualTo(members);
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
        try {
            assertThat(ServerInfo.parse(again, 0, again.length)).isEqualTo(ServerInfo.parse(json, 0, json.length));
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).startsWith("INFO field ").hasSizeLessThan(LONGEST_REFUSAL);
        }
    }

    static Stream<byte[]> texts() {
        return Stream.of(
                        "{}",
                        "{\"server_id\":\"N\",\"proto\":1,\"port\":4222,\"headers\":true,\"nonce\":null}",
                        "{\"connect_urls\":[\"a:1\",\"[::1]:2\"],\"ldm\":true,\"max_payload\":1048576}",
                        "{\"a\":[1,-2.5e3,\"\\ud83e\\udd86ä\",true,null],\"b\":{\"c\":false}}")
                .map(text -> text.getBytes(UTF_8));
    }

    /** As JSON; a number beyond {@code Double} is infinite, and becomes one that is again. */
    private static String written(Object value) {
        if (value instanceof Map<?, ?> members) {
            return members.entrySet().stream()
                    .map(member -> Json.quote((String) member.getKey()) + ":" + written(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof List<?> elements) {
            return elements.stream().map(ServerInfoFuzzTest::written).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof String text) {
            return Json.quote(text);
        }
        if (value instanceof Double number && number.isInfinite()) {
            return number > 0 ? "1e999" : "-1e999";
        }
        return String.valueOf(value);
    }
}
