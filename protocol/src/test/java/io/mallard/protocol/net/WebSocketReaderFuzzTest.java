package io.mallard.protocol.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of a server that are anything: a stream of no more bytes than came, or a refusal, and the same for any split. */
class WebSocketReaderFuzzTest {
    private static final HexFormat HEX = HexFormat.of();

    /** The first byte says how many bytes come at once. */
    @DictionaryEntries({
        "\\x82\\x7e\\x00\\x7e",
        "\\x82\\x7f\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x00",
        "\\x82\\x7f\\x7f\\xff\\xff\\xff\\xff\\xff\\xff\\xff",
        "\\x02\\x01a",
        "\\x00\\x01a",
        "\\x80\\x00",
        "\\x89\\x7d",
        "\\x8a\\x00",
        "\\x88\\x02\\x03\\xe8"
    })
    @MethodSource("sessions")
    @FuzzTest
    void readsTheSameAtAnySplitOrRefuses(byte[] input) {
        if (input.length > 0) {
            byte[] session = Arrays.copyOfRange(input, 1, input.length);
            String whole = outcome(session, Math.max(1, session.length));
            assertThat(outcome(session, 1 + (input[0] & 0xff))).isEqualTo(whole);
            assertThat(outcome(session, 1)).isEqualTo(whole);
        }
    }

    private static String outcome(byte[] session, int atOnce) {
        WebSocketReader reader = new WebSocketReader();
        StringBuilder read = new StringBuilder();
        byte[] lastPing = null;
        try {
            for (int at = 0; at < session.length; at += atOnce) {
                int length = Math.min(atOnce, session.length - at);
                ByteBuffer buffer =
                        ByteBuffer.allocate(1 + length).put((byte) '!').put(session, at, length);
                reader.unframe(buffer, 1);
                assertThat(buffer.position()).isBetween(1, 1 + length);
                assertThat(buffer.get(0)).isEqualTo((byte) '!');
                read.append(HEX.formatHex(buffer.array(), 1, buffer.position()));
                byte[] ping = reader.takePing();
                if (ping != null) {
                    assertThat(ping).hasSizeLessThanOrEqualTo(125);
                    lastPing = ping;
                }
            }
        } catch (IOException e) {
            assertThat(e.getMessage())
                    .startsWith("the server breaks the WebSocket protocol: ")
                    .hasSizeLessThan(200);
            return e.getMessage(); // What was read before belongs to a connection that is over.
        }
        String closed = reader.closed();
        if (closed != null) {
            assertThat(closed).hasSizeLessThan(200).matches("[ -~]*");
        }
        return read + " " + (lastPing == null ? "" : HEX.formatHex(lastPing)) + " " + closed;
    }

    static Stream<byte[]> sessions() {
        return Stream.of(
                        "00" + "020348656c" + "890161" + "80026c6f" + "827e0080" + "ab".repeat(128) + "8200" + "820163",
                        "02" + "820548656c6c6f" + "8a00" + "880503f0627965" + "820163",
                        "07" + "827f0000000000010000" + "cd".repeat(300),
                        "01" + "8900" + "897d" + "ef".repeat(125) + "8800",
                        "00" + "c20548",
                        "00" + "827fffffffffffffffff")
                .map(HEX::parseHex);
    }
}
