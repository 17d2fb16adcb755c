package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any sequence of chars: written as the JDK writes it, as JSON too, or refused if it has no UTF-8 form. */
class Utf8FuzzTest {
    @MethodSource("chars")
    @FuzzTest
    void writesWhatTheJdkWrites(byte[] input) throws ProtocolException {
        char[] chars = new char[input.length / 2];
        ByteBuffer.wrap(input).asCharBuffer().get(chars);
        String text = new String(chars);
        ByteBuffer expected;
        try {
            expected = UTF_8.newEncoder().encode(ByteBuffer.wrap(input).asCharBuffer());
        } catch (CharacterCodingException e) {
            assertThatThrownBy(() -> Utf8.length(text)).isInstanceOf(IllegalArgumentException.class);
            return;
        }
        ByteBuffer written = ByteBuffer.allocate(Utf8.length(text));
        Utf8.put(written, text);
        assertThat(written.flip()).isEqualTo(expected);

        byte[] json = ("{\"v\":" + Json.quote(text) + "}").getBytes(UTF_8);
        assertThat(Json.readObject(json, 0, json.length, 0)).isEqualTo(Map.of("v", text));
    }

    static Stream<byte[]> chars() {
        return Stream.of(
                        "",
                        "quack",
                        "\u0000\u007f\u0080\u07ff\u0800\uffff",
                        "\ud83e\udd86",
                        "a\"\\\r\n",
                        "\ud800\udc00")
                .map(text -> text.getBytes(UTF_16BE));
    }
}
