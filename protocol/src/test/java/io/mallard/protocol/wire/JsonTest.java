package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsEveryKindOfValue() throws ProtocolException {
        assertThat(
                        read(
                                " {\"s\":\"x\",\"i\":1,\"d\":1.5,\"t\":true,\"f\":false,\"n\":null,\"o\":{\"k\":{}},\"a\":[1,[],\"z\",null]}\r\n\t "))
                .containsOnlyKeys("s", "i", "d", "t", "f", "n", "o", "a")
                .containsEntry("s", "x")
                .containsEntry("i", 1L)
                .containsEntry("d", 1.5)
                .containsEntry("t", true)
                .containsEntry("f", false)
                .containsEntry("n", null)
                .containsEntry("o", Map.of("k", Map.of()))
                .containsEntry("a", Arrays.asList(1L, List.of(), "z", null));
        assertThat(read("{}")).isEmpty();
        assertThat(read("{ \"a\" : [ 1 , 2 ] , \"b\" : { } }")).isEqualTo(Map.of("a", List.of(1L, 2L), "b", Map.of()));
    }

    @Test
    void letsTheLastOfDuplicateKeysWin() throws ProtocolException {
        assertThat(read("{\"a\":1,\"a\":\"two\",\"\\u0061\":3}")).isEqualTo(Map.of("a", 3L));
        assertThat(read("{\"a\":1,\"a\":null}")).isEqualTo(Collections.singletonMap("a", null));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "7, 7",
        "-1234567890123, -1234567890123",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775807, -9223372036854775807"
    })
    void readsIntegersAsLong(String number, long value) throws ProtocolException {
        assertThat(value(number)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 0",
        "-0.5, -0.5",
        "1e3, 1000",
        "1E+3, 1000",
        "25e-1, 2.5",
        "1.5e0, 1.5",
        "9223372036854775808, 9.223372036854775808e18"
    })
    void readsOtherNumbersAsDouble(String number, double value) throws ProtocolException {
        assertThat(value(number)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                "-01",
                "+1",
                ".5",
                "1.",
                "1.e3",
                "1e",
                "1e+",
                "0x10",
                "1_000",
                "NaN",
                "Infinity",
                "-Infinity",
                "00"
            })
    void refusesWhatOnlyLooksLikeANumber(String number) {
        assertThatThrownBy(() -> value(number)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "\\\"\\\\\\/, |\"\\/|",
                "\\b\\f\\n\\r\\t, |\b\f\n\r\t|",
                "\\u0041\\u00e4\\u00E4\\u6f22, Aää漢",
                "\\u0000x, |\0x|",
                "\\ud83e\\udd86, 🦆",
                "\\uD83E\\uDD86!, 🦆!",
                "ä漢🦆, ä漢🦆",
                "|\177|, |\177|",
            })
    void readsStrings(String string, String value) throws ProtocolException {
        assertThat(value('"' + string + '"')).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "\\x, unknown escape in a string",
                "\\U0041, unknown escape in a string",
                "\\u004, expected four hexadecimal digits",
                "\\u00g0, expected four hexadecimal digits",
                "\\u+041, expected four hexadecimal digits",
                "\\ud83e, expected '\\'",
                "\\ud83ex, expected '\\'",
                "\\ud83e\\n, expected 'u'",
                "\\ud83e\\u0041, unpaired surrogate",
                "\\ud83e\\ud83e, unpaired surrogate",
                "\\udd86, unpaired surrogate",
                "|\t|, control character in a string",
                "|\0|, control character in a string",
                "|a\nb|, control character in a string",
            })
    void refusesBadStrings(String string, String reason) {
        assertThatThrownBy(() -> value('"' + string + '"'))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("JSON: " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00e4",
                "\u00c3",
                "\u00c0\u0080",
                "\u00ed\u00a0\u0080",
                "\u00f4\u0090\u0080\u0080",
                "\u0080",
                "\u00ff"
            })
    void refusesStringsThatAreNotUtf8(String bytes) {
        byte[] json = ("{\"v\":\"" + bytes + "\"}").getBytes(ISO_8859_1);

        assertThatThrownBy(() -> Json.readObject(json, 0, json.length, 0))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("JSON: string is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            value = {
                "||; expected an object, text ends at stream offset 100",
                "[]; expected an object at stream offset 100",
                "null; expected an object at stream offset 100",
                "|\ufeff{}|; expected an object at stream offset 100",
                "{; expected a member name, text ends at stream offset 101",
                "{,}; expected a member name at stream offset 101",
                "{a:1}; expected a member name at stream offset 101",
                "{'a':1}; expected a member name at stream offset 101",
                "{\"a\"}; expected ':' at stream offset 104",
                "{\"a\":}; expected a value at stream offset 105",
                "{\"a\":1; expected '}', text ends at stream offset 106",
                "{\"a\":1,}; expected a member name at stream offset 107",
                "{\"a\":1 \"b\":2}; expected '}' at stream offset 107",
                "{\"a\":[1,]}; expected a value at stream offset 108",
                "{\"a\":[1 2]}; expected ']' at stream offset 108",
                "{\"a\":[}; expected a value at stream offset 106",
                "{\"a\":tru}; expected true at stream offset 108",
                "{\"a\":nul; expected null, text ends at stream offset 108",
                "{\"a\":False}; expected a value at stream offset 105",
                "{\"a; unterminated string, text ends at stream offset 103",
                "{} x; trailing bytes after the object at stream offset 103",
                "{}}; trailing bytes after the object at stream offset 102",
                "{}/**/; trailing bytes after the object at stream offset 102",
                "|{\f}|; expected a member name at stream offset 101",
            })
    void refusesWhatIsNotOneObject(String json, String reason) {
        byte[] bytes = json.getBytes(UTF_8);

        assertThatThrownBy(() -> Json.readObject(bytes, 0, bytes.length, 100))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("JSON: " + reason + ":");
    }

    @Test
    void refusesANestingBombWithoutRunningOutOfStack() throws ProtocolException {
        assertThat(value("[".repeat(31) + "]".repeat(31))).isInstanceOf(List.class);
        for (String bomb : List.of("[".repeat(32), "[".repeat(1_000_000), "{\"a\":".repeat(200_000))) {
            assertThatThrownBy(() -> value(bomb))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("nested deeper than 32 levels");
        }
    }

    @Test
    void readsOnlyItsPartOfTheArray() throws ProtocolException {
        byte[] bytes = "##{\"a\":1}##".getBytes(UTF_8);

        assertThat(Json.readObject(bytes, 2, bytes.length - 4, 0)).isEqualTo(Map.of("a", 1L));
        assertThatThrownBy(() -> Json.readObject(bytes, 2, 6, 0)).hasMessageContaining("expected '}', text ends");
    }

    @Test
    void acceptsNoPrefixOfAnObject() {
        String json = "{\"a\":[1,-2.5e3,\"\\ud83e\\udd86ä\",true,null],\"b\":{\"c\":false}}";
        byte[] bytes = json.getBytes(UTF_8);
        List<Integer> accepted = new ArrayList<>();
        for (int length = 0; length <= bytes.length; length++) {
            try {
                Json.readObject(bytes, 0, length, 0);
                accepted.add(length);
            } catch (ProtocolException e) {
                assertThat(e).hasMessageStartingWith("JSON: ");
            }
        }
        assertThat(accepted).containsExactly(bytes.length);
    }

    @Test
    void quotesSoThatItReadsTheSame() throws ProtocolException {
        StringBuilder all = new StringBuilder("\"\\/ä漢🦆");
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        String text = all.toString();

        assertThat(value(Json.quote(text))).isEqualTo(text);
        assertThat(Json.quote("a\r\n\"\\ä")).isEqualTo("\"a\\u000d\\u000a\\\"\\\\ä\"");
    }

    private static Object value(String json) throws ProtocolException {
        return read("{\"v\":" + json + "}").get("v");
    }

    private static Map<String, Object> read(String json) throws ProtocolException {
        byte[] bytes = json.getBytes(UTF_8);
        return Json.readObject(bytes, 0, bytes.length, 0);
    }
}
