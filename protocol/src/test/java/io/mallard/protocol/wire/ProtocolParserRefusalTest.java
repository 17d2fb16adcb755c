package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProtocolParserRefusalTest {
    private static final WireLimits SMALL = new WireLimits(8, 64, 128);

    static Stream<Arguments> malformed() {
        return Stream.of(
                // garbage, refused at the fourth byte or at the line end
                arguments("HTTP", "unknown operation", "HTTP"),
                arguments("\r\n", "unknown operation", "\\r"),
                arguments("\n", "unknown operation", ""),
                arguments("OK\n", "unknown operation", "OK"),
                arguments(" MSG", "unknown operation", " MSG"),
                arguments("\0\0\0\0", "unknown operation", "\\x00\\x00\\x00\\x00"),
                arguments("MSGX", "unknown operation", "MSGX"),
                arguments("MSG\0", "unknown operation", "MSG\\x00"),
                arguments("\rERR", "unknown operation", "\\rERR"),
                arguments("+OK!", "unknown operation", "+OK!"),
                arguments("\13ok\n", "unknown operation", "\\x0bok"),
                arguments("PUB ", "unknown operation", "PUB "),
                arguments("PINGS\r\n", "unknown operation", "PINGS\\r"),
                arguments("INFO{}\r\n", "unknown operation", "INFO{}\\r"),
                arguments("-ERROR\r\n", "unknown operation", "-ERROR\\r"),
                arguments("HMSGA 1 2\r\n", "unknown operation", "HMSGA 1 2\\r"),
                // number of arguments
                arguments("PING 1\r\n", "PING takes no arguments", "PING 1\\r"),
                arguments("PONG x\n", "PONG takes no arguments", "PONG x"),
                arguments("+OK yes\r\n", "OK takes no arguments", "+OK yes\\r"),
                arguments("MSG\r\n", "MSG takes 3 or 4 arguments, not 0", "MSG\\r"),
                arguments("MSG \r\n", "MSG takes 3 or 4 arguments, not 0", "MSG \\r"),
                arguments("MSG a 1\r\n", "MSG takes 3 or 4 arguments, not 2", "MSG a 1\\r"),
                arguments("MSG a 1 r 2 3\r\n", "MSG takes 3 or 4 arguments, not 5", "MSG a 1 r 2 3\\r"),
                arguments("MSG a 1 r 2 3 4\r\n", "more than 5 arguments", "MSG a 1 r 2 3 4\\r"),
                arguments("HMSG\r\n", "HMSG takes 4 or 5 arguments, not 0", "HMSG\\r"),
                arguments("HMSG a 1 2\r\n", "HMSG takes 4 or 5 arguments, not 3", "HMSG a 1 2\\r"),
                arguments("HMSG a 1 r 2 3 4\r\n", "more than 5 arguments", "HMSG a 1 r 2 3 4\\r"),
                // control characters
                arguments("MSG a\0b 1 2\r\n", "control character in the arguments", "MSG a\\x00b 1 2\\r"),
                arguments("MSG a 1\r 2\r\n", "control character in the arguments", "MSG a 1\\r 2\\r"),
                arguments("MSG\ra 1 2\r\n", "unknown operation", "MSG\\ra 1 2\\r"),
                arguments("MSG a 1 2\r\r\n", "control character in the arguments", "MSG a 1 2\\r\\r"),
                // numbers
                arguments("MSG a x 2\r\n", "sid \"x\" is not a number of 63 bits", "MSG a x 2\\r"),
                arguments("MSG a -1 2\r\n", "sid \"-1\" is not a number of 63 bits", "MSG a -1 2\\r"),
                arguments(
                        "MSG a 9223372036854775808 2\r\n",
                        "sid \"9223372036854775808\" is not a number of 63 bits",
                        "MSG a 9223372036854775808 2\\r"),
                arguments(
                        "MSG a 18446744073709551617 2\r\n",
                        "sid \"18446744073709551617\" is not a number of 63 bits",
                        "MSG a 18446744073709551617 2\\r"),
                arguments("MSG a 1 -1\r\n", "payload length \"-1\" is not a number of 63 bits", "MSG a 1 -1\\r"),
                arguments("MSG a 1 +1\r\n", "payload length \"+1\" is not a number of 63 bits", "MSG a 1 +1\\r"),
                arguments("MSG a 1 1e3\r\n", "payload length \"1e3\" is not a number of 63 bits", "MSG a 1 1e3\\r"),
                arguments("MSG a 1 r x\r\n", "payload length \"x\" is not a number of 63 bits", "MSG a 1 r x\\r"),
                arguments(
                        "MSG a 1 67108865\r\n",
                        "payload length 67108865 exceeds the limit of 67108864 bytes",
                        "MSG a 1 67108865\\r"),
                arguments(
                        "MSG a 1 3000000000\r\n",
                        "payload length 3000000000 exceeds the limit of 67108864 bytes",
                        "MSG a 1 3000000000\\r"),
                arguments(
                        "MSG a 1 12345678901\r\n",
                        "payload length 12345678901 exceeds the limit of 67108864 bytes",
                        "MSG a 1 12345678901\\r"),
                arguments(
                        "MSG a 1 4294967297\r\n",
                        "payload length 4294967297 exceeds the limit of 67108864 bytes",
                        "MSG a 1 4294967297\\r"),
                arguments(
                        "HMSG a 1 2 67108865\r\n",
                        "total length 67108865 exceeds the limit of 67108864 bytes",
                        "HMSG a 1 2 67108865\\r"),
                arguments(
                        "HMSG a 1 3000000000 2\r\n",
                        "header length 3000000000 exceeds the limit of 67108864 bytes",
                        "HMSG a 1 3000000000 2\\r"),
                arguments("HMSG a 1 -2 2\r\n", "header length \"-2\" is not a number of 63 bits", "HMSG a 1 -2 2\\r"),
                arguments("HMSG a 1 r 2 x\r\n", "total length \"x\" is not a number of 63 bits", "HMSG a 1 r 2 x\\r"),
                arguments("HMSG a 1 3 2\r\n", "header length 3 exceeds total length 2", "HMSG a 1 3 2\\r"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWithTheReasonAtEverySplit(String text, String reason, String excerpt) {
        assertThat(ServerBytes.of("PING\r\n" + text).outcomeOfEverySplit())
                .containsExactly("PING", reason + " at stream offset 6: \"" + excerpt + "\"");
    }

    static Stream<Arguments> badPayloadEnds() {
        return Stream.of(
                arguments("MSG a 1 2\r\nhi\n", 13, "\\n", "MSG a 1 2"),
                arguments("MSG a 1 2\r\nhiX", 13, "X", "MSG a 1 2"),
                arguments("MSG a 1 2\r\nhi\rX", 14, "X", "MSG a 1 2"),
                arguments("MSG a 1 r 2\r\nhi\r\r", 16, "\\r", "MSG a 1 r 2"),
                arguments("MSG a 1 0\r\nPING\r\n", 11, "P", "MSG a 1 0"),
                arguments("HMSG a 1 1 2\r\nhi!", 16, "!", "HMSG a 1 1 2"),
                arguments("HMSG a 1 r 1 2\r\nhi!", 18, "!", "HMSG a 1 r 1 2"));
    }

    @ParameterizedTest
    @MethodSource("badPayloadEnds")
    void refusesAPayloadThatCrlfDoesNotFollow(String text, int offset, String found, String line) {
        assertThat(ServerBytes.of(text).outcomeOfEverySplit())
                .containsExactly("payload followed by \"" + found + "\" instead of CRLF at stream offset " + offset
                        + ": \"" + line + "\"");
    }

    static Stream<Arguments> badInfos() {
        return Stream.of(
                arguments("INFO\r\n", "JSON: expected an object, text ends at stream offset 4: \"\""),
                arguments("INFO []\r\n", "JSON: expected an object at stream offset 5: \"[]\""),
                arguments("INFO {\"port\"}\r\n", "JSON: expected ':' at stream offset 12: \"}\""),
                arguments("INFO {} {}\r\n", "JSON: trailing bytes after the object at stream offset 8: \"{}\""),
                arguments(
                        "INFO {\"port\":\"x\"}\r\n",
                        "INFO field port is not an integer from 0 to 65535: \"x\" at stream offset 4: \" {\\\"port\\\":\\\"x\\\"}\""));
    }

    @ParameterizedTest
    @MethodSource("badInfos")
    void refusesAnInfoThatIsNotJsonOfTheRightTypes(String text, String message) {
        assertThat(ServerBytes.of(text).outcomeOfEverySplit()).containsExactly(message);
    }

    @Test
    void acceptsWhatIsExactlyAtItsLimit() {
        String subject = "s".repeat(64 - "MSG  1 8\r\n".length());
        String json = "{\"server_id\":\"" + "i".repeat(128 - "INFO {\"server_id\":\"\"}\r\n".length()) + "\"}";

        assertThat(outcome("MSG " + subject + " 1 8\r\n12345678\r\nHMSG a 1 8 8\r\n12345678\r\n"))
                .containsExactly("MSG " + subject + " 1 [12345678]", "MSG a 1 headers=[12345678] []");
        assertThat(outcome("INFO " + json + "\r\n")).singleElement().asString().startsWith("INFO ServerInfo");
    }

    @Test
    void refusesOneByteMore() {
        String subject = "s".repeat(65 - "MSG  1 8\r\n".length());
        String json = "{\"server_id\":\"" + "i".repeat(129 - "INFO {\"server_id\":\"\"}\r\n".length()) + "\"}";

        assertThat(outcome("MSG " + subject + " 1 8\r\n"))
                .containsExactly("MSG line longer than 64 bytes at stream offset 0: \"MSG " + subject + " 1 8\\r\"");
        assertThat(outcome("MSG a 1 9\r\n"))
                .containsExactly("payload length 9 exceeds the limit of 8 bytes at stream offset 0: \"MSG a 1 9\\r\"");
        assertThat(outcome("HMSG a 1 1 9\r\n"))
                .containsExactly("total length 9 exceeds the limit of 8 bytes at stream offset 0: \"HMSG a 1 1 9\\r\"");
        assertThat(outcome("INFO " + json + "\r\n"))
                .singleElement()
                .asString()
                .startsWith("INFO line longer than 128 bytes at stream offset 0: \"INFO {");
    }

    @Test
    void refusesALineWithoutEndAtTheLimitAndNotLater() {
        for (String op : List.of("MSG ", "HMSG", "PING", "PONG", "+OK ", "-ERR")) {
            String line = op + " ".repeat(60);
            assertThat(outcome(line.substring(0, 63))).isEmpty();
            assertThat(outcome(line)).singleElement().asString().contains(" line longer than 64 bytes at ");
        }
        String info = "INFO" + " ".repeat(124);
        assertThat(outcome(info.substring(0, 127))).isEmpty();
        assertThat(outcome(info)).singleElement().asString().contains("INFO line longer than 128 bytes at ");
    }

    private static List<String> outcome(String text) {
        return new ServerBytes(text.getBytes(UTF_8), SMALL).outcomeOfEverySplit();
    }
}
